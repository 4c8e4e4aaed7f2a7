/**
 * The page of the preview. Draws what the host sends (`PreviewModel`), plays the video, and tells the host which
 * button was pressed. Text is only ever set as text.
 *
 * What users see is found by these ids, which the tests use and which therefore stay:
 *
 *     #state[data-state]     loading waiting held readonly unknown failed expired fetching ready codec gone unreachable removed
 *     #video                 the <video>; data-source = copy | link; there always, hidden unless ready
 *     #heading #lines #quote what is said in place of the picture;  #elapsed  the running clock;  #estimate  how long it still takes
 *     #stage-ACTION          the buttons there: stage-addId stage-again stage-remove stage-remedy stage-reload …
 *     #save #saveAs #again #openExternal #reveal #copyPrompt    the buttons beside the picture
 *     #firstFrame          the thumbnail of the first frame, in the facts
 *     #prompt #facts #saved #notice #progress
 *     #continueFromLastFrame #useFrame #saveFrame   what can be done with the frames of a copy;  #openOrigin  in the facts
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
import { connectToHost, readPageData } from '../shared/messages';
import { Controls } from './controls';
import { Details } from './details';
import { FrameCapture } from './frameCapture';
import { acceptImages } from './imageInput';
import { handleKeys, KeysHelp } from './keyboard';
import { Overlay } from './overlay';
import { Player } from './player';
import { sendThumbnail } from './sendImage';

const host = connectToHost<WebviewMessage, HostMessage>(parseHostMessage, onMessage);
const strings = readPageData('strings') as PreviewStrings;
let shown: PreviewModel | undefined;

const page = h('main', { id: 'state', 'data-state': 'loading' });
const spoken = h('div', { class: 'spoken', role: 'status', 'aria-live': 'polite' });
const announce = (text: string) => setText(spoken, text);
const runAction = (action: PreviewAction) => host.postMessage({ type: 'action', action });

const overlay = new Overlay(runAction);
const player = new Player({
  overlay,
  onError: (code, copy) => host.postMessage({ type: 'videoError', code: code as 1 | 2 | 3 | 4, copy }),
  onRatio: setRatio,
});
const keysHelp = new KeysHelp(strings);
const controls = new Controls({ player, strings, page, announce, helpButton: keysHelp.button });
const frameCapture = new FrameCapture({ player, host, strings, announce });
const details = new Details({ strings, runAction, announce });
const stage = h(
  'section',
  { class: 'stage' },
  player.element,
  controls.element,
  frameCapture.element,
  keysHelp.element,
);
page.append(stage, details.element, spoken);
document.body.append(page);

acceptImages(host);
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
    '?': () => keysHelp.toggle(),
  },
  onEscape: () => (keysHelp.isOpen ? keysHelp.toggle() : controls.leaveFullScreen()),
  isEnabled: () => page.dataset['state'] === 'ready',
  inputs: [controls.speed, controls.volume],
  text: details.prompt,
});

const first = parsePreviewModel(readPageData('model'));
if (first) {
  // A page that was hidden and is shown again comes with the model of back then: it waits for news.
  if (!host.getState()) {
    draw(first);
  }
  host.setState({ id: first.id });
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
  if (!player.video.videoWidth) {
    setRatio(model.ratio);
  }
  overlay.draw(model);
  details.draw(model);
  page.classList.toggle('alone', details.isEmpty);
  // Only a copy lets itself be read: a link is another origin's, and none of those allows it.
  frameCapture.element.hidden = !(model.state === 'ready' && model.video?.copy);
  drawVideo(model);
}

function drawVideo({ video, state }: PreviewModel): void {
  if (!video) {
    player.unload();
    details.silent.hidden = true;
  } else if (state === 'ready' && !player.canPlayVideo) {
    host.postMessage({ type: 'videoError', code: 0, copy: video.copy });
  } else {
    const isSilenced = video.sound === true && !player.canPlaySound;
    details.silent.hidden = !isSilenced;
    controls.hasSound = video.sound !== false && !isSilenced;
    player.load(video.url, video.copy);
  }
}

function setRatio(ratio: number): void {
  if (Number.isFinite(ratio) && ratio > 0) {
    page.style.setProperty('--ratio', String(ratio));
  }
}
