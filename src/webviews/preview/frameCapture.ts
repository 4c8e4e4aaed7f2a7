import type { DueFrame } from '../../views/messageParts';
import type { PreviewStrings, WebviewMessage } from '../../views/preview/protocol';
import { h } from '../shared/dom';
import { createIcon } from '../shared/icons';
import { drawFrame, drawLastFrame, nextPaint } from '../shared/lastFrame';
import type { HostChannel } from '../shared/messages';
import { toBlob } from '../shared/thumbnail';
import type { Player } from './player';
import { sendImage, type ImageOrigin } from './sendImage';

export interface FrameCaptureOptions {
  player: Player;
  host: HostChannel<WebviewMessage>;
  strings: PreviewStrings;
  announce: (text: string) => void;
}

/** Captures frames of the video as images. Works only with the local copy, because links do not allow reading (CORS). */
export class FrameCapture {
  readonly element: HTMLElement;
  readonly continueFromLastFrame: HTMLButtonElement;
  readonly useFrame: HTMLButtonElement;
  readonly saveFrame: HTMLButtonElement;
  readonly #options: FrameCaptureOptions;

  constructor(options: FrameCaptureOptions) {
    this.#options = options;
    const { strings, host } = options;
    // The host reads from the file when the last frame begins, and sends `takeLastFrame`.
    this.continueFromLastFrame = this.#createButton('continueFromLastFrame', 'N', () =>
      host.postMessage({ type: 'action', action: 'continueFromLastFrame' }),
    );
    this.useFrame = this.#createButton('useFrame', 'U', () => this.#takeShownFrame('firstFrame'));
    this.saveFrame = this.#createButton('saveFrame', 'S', () => this.#takeShownFrame('save'));
    this.element = h(
      'div',
      { class: 'frames', role: 'group', 'aria-label': strings.frames },
      this.continueFromLastFrame,
      this.useFrame,
      this.saveFrame,
    );
  }

  /** Captures the last frame in a second player, because the visible one repeats the video at its end. */
  takeLastFrame(due: DueFrame): void {
    const { player } = this.#options;
    void this.#run(async () => {
      player.video.pause();
      const { picture, seconds } = await drawLastFrame(player.source, due);
      player.seek(seconds + (due?.lasts ?? 1 / player.framesPerSecond) / 2);
      await this.#sendFrame(picture, { use: 'firstFrame', frame: { seconds, isLast: true } });
    });
  }

  #createButton(
    id: 'continueFromLastFrame' | 'useFrame' | 'saveFrame',
    key: string,
    onPress: () => void,
  ): HTMLButtonElement {
    const label = this.#options.strings[id];
    const button = h(
      'button',
      { id, type: 'button', class: 'frameButton', title: `${label} (${key})` },
      createIcon(id),
      h('span', {}, label),
    );
    button.addEventListener('click', onPress);
    return button;
  }

  #takeShownFrame(use: 'firstFrame' | 'save'): void {
    const { player } = this.#options;
    const { video } = player;
    void this.#run(async () => {
      video.pause();
      if (video.seeking) {
        await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      }
      await nextPaint();
      await this.#sendFrame(drawFrame(video), { use, frame: { seconds: player.shownTime, isLast: false } });
    });
  }

  /** Captures one frame at a time: 4K frames take a while. */
  async #run(take: () => Promise<void>): Promise<void> {
    const { host, strings, announce } = this.#options;
    const { classList } = this.element;
    if (classList.contains('busy')) {
      return;
    }
    classList.add('busy');
    announce(strings.takingFrame);
    try {
      await take();
    } catch {
      host.postMessage({ type: 'pictureFailed' });
    } finally {
      classList.remove('busy');
      announce('');
    }
  }

  async #sendFrame(
    picture: HTMLCanvasElement,
    { use, frame }: { use: ImageOrigin['use']; frame: NonNullable<ImageOrigin['frame']> },
  ): Promise<void> {
    const png = await toBlob(picture, 'image/png');
    const seconds = Math.max(0, frame.seconds);
    await sendImage(this.#options.host, png, picture, { use, frame: { ...frame, seconds } });
  }
}
