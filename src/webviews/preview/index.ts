/**
 * The webview of a preview. Draws the model that the host sends (`PreviewModel`), plays the video, and sends the actions
 * of the user to the host. Text is only set as `textContent`.
 *
 * Tests find elements by these ids, so they must not change:
 *
 *     #state[data-state]     loading waiting held readonly unknown failed expired fetching ready codec gone unreachable removed
 *     #video                 the <video>; data-source = copy | link; always present, hidden unless ready
 *     #heading #lines #quote texts that are shown instead of the video;  #elapsed  elapsed time;  #estimate  remaining time
 *     #stage-ACTION          their buttons: stage-addId stage-again stage-remove stage-remedy stage-reload …
 *     #save #saveAs #again #export #openExternal #reveal #copyPrompt    the buttons beside the video
 *     #firstFrame          the thumbnail of the first frame, in the facts
 *     #series #previous #next    the tasks that were chosen together;  #seriesLabel  which of them this is
 *     #prompt #facts #saved #notice #progress
 *     #continueFromLastFrame #useFrame #saveFrame   buttons for frames of a local copy;  #openOrigin  in the facts
 *     #play #stepBack #stepForward #timeline #time #speed #loop #mute #volume #size #fullscreen #help #keys
 */
import {
  parseHostMessage,
  parsePreviewModel,
  type HostMessage,
  type PreviewAction,
  type PreviewModel,
  type PreviewStrings,
  type WebviewMessage,
} from '../../views/preview/protocol';
import { h, setText } from '../shared/dom';
import { answerFrameRequests } from '../shared/lastFrame';
import { connectToHost, readPageData } from '../shared/messages';
import { drawPoster } from '../shared/poster';
import { Controls } from './controls';
import { Details } from './details';
import { FrameCapture } from './frameCapture';
import { acceptImages } from './imageInput';
import { handleKeys, KeysHelp } from './keyboard';
import { Overlay } from './overlay';
import { Player } from './player';
import { sendThumbnail } from './sendImage';
import { SERIES_KEYS } from './shortcuts';
import { SoundChoice } from './soundChoice';

const host = connectToHost<WebviewMessage, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as PreviewStrings;
let shown: PreviewModel | undefined;

const page = h('main', { id: 'state', 'data-state': 'loading' });
/** For those who listen: what this page is about. Its words are in the tab and below the video, too. */
const heading = h('h1', { class: 'spoken' });
const spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
const announce = (text: string) => setText(spoken, text);
const runAction = (action: PreviewAction) => host.postMessage({ type: 'action', action });

const overlay = new Overlay(runAction);
const player = new Player({
  overlay,
  onError: (code, copy) => host.postMessage({ type: 'videoError', code: code as 1 | 2 | 3 | 4 | 5, copy }),
  onRatio: setRatio,
});
const keysHelp = new KeysHelp(strings);
const controls = new Controls({ player, strings, page, announce, helpButton: keysHelp.button });
const frameCapture = new FrameCapture({ player, host, strings, announce });
const details = new Details({ strings, runAction, announce });
const sound = new SoundChoice({
  player,
  request: () => host.postMessage({ type: 'soundNeeded' }),
  onHasSound: (hasSound) => {
    controls.hasSound = hasSound;
  },
  onSilenced: (isSilenced) => {
    if (isSilenced && details.silent.hidden) {
      announce(strings.silent);
    }
    details.silent.hidden = !isSilenced;
  },
});
const stage = h(
  'section',
  { class: 'stage' },
  player.element,
  controls.element,
  frameCapture.element,
  keysHelp.element,
);
page.append(heading, stage, details.element, spoken);
document.body.append(page);

acceptImages(host);
answerFrameRequests(host);
handleKeys({
  handlers: {
    ' ': () => player.togglePlay(),
    k: () => player.togglePlay(),
    ArrowLeft: () => player.jump(-1),
    ArrowRight: () => player.jump(1),
    ',': () => player.step(-1),
    '.': () => player.step(1),
    '<': () => controls.changeRate(-1),
    '>': () => controls.changeRate(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.video.duration),
    l: () => controls.toggleLoop(),
    m: () => controls.toggleMute(),
    f: () => controls.toggleFullScreen(),
    n: () => frameCapture.continueFromLastFrame.click(),
    u: () => frameCapture.useFrame.click(),
    s: () => frameCapture.saveFrame.click(),
    PageUp: () => goTo('previous'),
    PageDown: () => goTo('next'),
    '[': () => goTo('previous'),
    ']': () => goTo('next'),
    '?': () => keysHelp.toggle(),
  },
  onEscape: () => (keysHelp.isOpen ? keysHelp.toggle() : controls.leaveFullScreen()),
  // To the next one also from a task without a video.
  isEnabled: (key) => (SERIES_KEYS.has(key) ? shown?.series !== undefined : page.dataset['state'] === 'ready'),
  inputs: [controls.speed, controls.volume],
  text: details.prompt,
});

const first = parsePreviewModel(readPageData('model'));
if (first) {
  // A page that is shown again contains an outdated model: wait for a new one.
  if (!host.getState()) {
    draw(first);
  }
}
host.postMessage({ type: 'ready' });

function onMessage(message: HostMessage): void {
  switch (message.type) {
    case 'model':
      draw(message.model);
      break;
    case 'drawFrame':
      void sendThumbnail(host, new Blob([message.bytes]));
      break;
    case 'drawPoster':
      void sendPoster(message.id);
      break;
    case 'frames':
      player.frameTimes = shown?.video?.copy ? message.times : undefined;
      break;
    case 'sound':
      if (message.id === shown?.id) {
        sound.receive(message.url);
      }
      break;
    case 'takeLastFrame':
      if (shown?.video?.copy) {
        frameCapture.takeLastFrame(message.due);
      }
      break;
  }
}

function draw(model: PreviewModel): void {
  const before = shown;
  shown = model;
  page.dataset['state'] = model.state;
  if (before?.state !== model.state || before.heading !== model.heading) {
    announce([model.heading, ...model.lines].join(' '));
  }
  document.title = model.title;
  setText(heading, model.title);
  host.setState({ id: model.id, ...(model.series ? { ids: model.series.ids } : {}) });
  if (before && before.id !== model.id) {
    player.frameTimes = undefined;
    announce([model.series?.label, model.title].filter(Boolean).join(', '));
  }
  if (!player.video.videoWidth) {
    setRatio(model.ratio);
  }
  overlay.draw(model);
  details.draw(model);
  page.classList.toggle('alone', details.isEmpty);
  // Frames can only be read from a local copy: links are of another origin, which does not allow it (CORS).
  frameCapture.element.hidden = !(model.state === 'ready' && model.video?.copy);
  drawVideo(model);
}

function drawVideo({ video, state }: PreviewModel): void {
  sound.draw(state === 'ready' ? video : undefined);
  if (!video) {
    player.unload();
  } else if (state === 'codec') {
    // Known not to play here: without a picture it would go on with the sound.
    player.unload();
  } else if (state === 'ready' && !video.isOther && !player.canPlayVideo) {
    host.postMessage({ type: 'videoError', code: 0, copy: video.copy });
  } else {
    player.load(video.url, video.copy);
  }
}

/** Draws the poster of the video that is shown, once it is on the screen: what the user waits for comes first. */
async function sendPoster(id: string): Promise<void> {
  const { video } = player;
  if (shown?.id !== id || !shown.video?.copy) {
    return;
  }
  const { url } = shown.video;
  if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) {
    await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
  }
  const bytes = await drawPoster(url);
  if (bytes) {
    host.postMessage({ type: 'poster', id, bytes });
  }
}

function goTo(action: 'previous' | 'next'): void {
  if (action === 'next' ? shown?.series?.hasNext : shown?.series?.hasPrevious) {
    runAction(action);
  }
}

function setRatio(ratio: number): void {
  if (Number.isFinite(ratio) && ratio > 0) {
    page.style.setProperty('--ratio', String(ratio));
  }
}
