import type { PreviewModel } from '../../views/preview/protocol';
import { ExternalSound } from '../shared/sound';
import type { Player } from './player';

/** By then a player that can decode the sound has begun with it. */
const DECODED_BY_SECONDS = 0.5;

export interface SoundChoiceOptions {
  player: Player;
  /** Asks the host for the sound as a file: `soundNeeded`. */
  request: () => void;
  /** Whether there is a sound to be heard, for the controls. */
  onHasSound: (hasSound: boolean) => void;
  /** Whether the user is to be told that the file has a sound that cannot be played here. */
  onSilenced: (isSilenced: boolean) => void;
}

/**
 * Decides where the sound of a video comes from: from the player as ever, or, where that cannot decode it, from a file
 * that the host makes of the local copy.
 */
export class SoundChoice {
  readonly #options: SoundChoiceOptions;
  readonly #external: ExternalSound;
  #video: PreviewModel['video'];
  /** The player says that it can, but has decoded nothing of a sound track. */
  #decodesNothing = false;
  #file: 'unasked' | 'asked' | 'given' | 'none' = 'unasked';

  constructor(options: SoundChoiceOptions) {
    this.#options = options;
    const { player } = options;
    this.#external = new ExternalSound(player.video, {
      // The button then shows it, and unmuting is what the browser waits for.
      onRefused: () => {
        player.video.muted = true;
      },
      onError: () => this.receive(undefined),
    });
    player.element.append(this.#external.element);
    player.video.addEventListener('timeupdate', () => this.#watchDecoder());
  }

  draw(video: PreviewModel['video']): void {
    if (video?.url !== this.#video?.url) {
      this.#file = 'unasked';
      this.#decodesNothing = false;
      this.#external.unload();
    }
    this.#video = video;
    this.#decide();
  }

  /** Takes the answer of the host: no URL where the sound cannot be decoded. */
  receive(url: string | undefined): void {
    if (this.#file === 'unasked') {
      return;
    }
    this.#file = url === undefined ? 'none' : 'given';
    if (url !== undefined) {
      this.#external.load(url);
    }
    this.#decide();
  }

  #decide(): void {
    const video = this.#video;
    const { onHasSound, onSilenced, player, request } = this.#options;
    // What a file of another type may sound like is seen while it plays.
    const isUndecodable = this.#decodesNothing || (!!video && !video.isOther && !player.canPlaySound);
    if (isUndecodable && video?.copy && video.hasTrack && this.#file === 'unasked') {
      this.#file = 'asked';
      request();
    }
    // Of a link it is not known whether there is a sound track: the model says what is expected.
    const isSilenced = isUndecodable && (video?.copy ? this.#file === 'none' : video?.sound === true);
    onSilenced(isSilenced);
    // While the file is made its buttons are there already: they would move the others when it comes.
    onHasSound((video?.hasTrack ?? video?.sound !== false) && !isSilenced);
  }

  #watchDecoder(): void {
    const { player } = this.#options;
    const { video } = player;
    // Not in the standard: Chromium has it, and VS Code is Chromium.
    const decoded = (video as { webkitAudioDecodedByteCount?: number }).webkitAudioDecodedByteCount;
    if (!this.#video?.copy || !this.#video.hasTrack || decoded === undefined) {
      return;
    }
    if (decoded === 0 && !video.paused && video.currentTime > DECODED_BY_SECONDS && !this.#decodesNothing) {
      this.#decodesNothing = true;
      this.#decide();
    } else if (decoded > 0 && this.#decodesNothing) {
      // Late, but it can: two sounds would be one too many.
      this.#decodesNothing = false;
      this.#file = 'unasked';
      this.#external.unload();
      this.#decide();
    }
  }
}
