import type { FrameRange, FrameTimes } from '../../views/export/plan';
import type { ExportStrings } from '../../views/export/protocol';
import { h } from '../shared/dom';
import { fill } from './text';

/**
 * Two handles on one line: the part of the video that is exported. They are plain range inputs, whose values are indexes of
 * frames, so that arrow keys go from frame to frame and screen readers know what they are.
 */
export class RangeSlider {
  readonly element: HTMLElement;
  readonly start: HTMLInputElement;
  readonly end: HTMLInputElement;
  readonly #strings: ExportStrings;
  readonly #selected = h('p', { id: 'selected', class: 'quiet' });
  #video: FrameTimes = { times: [0], end: 0 };

  /** @param onChange called with the index of the frame that a handle has moved to */
  constructor(strings: ExportStrings, onChange: (shown: number) => void) {
    this.#strings = strings;
    this.start = h('input', { id: 'start', type: 'range', min: '0', max: '0', step: '1', 'aria-label': strings.start });
    this.end = h('input', { id: 'end', type: 'range', min: '0', max: '0', step: '1', 'aria-label': strings.end });
    for (const handle of [this.start, this.end]) {
      handle.addEventListener('input', () => {
        // Neither passes the other.
        if (handle === this.start) {
          handle.value = String(Math.min(Number(handle.value), Number(this.end.value)));
        } else {
          handle.value = String(Math.max(Number(handle.value), Number(this.start.value)));
        }
        this.#draw();
        onChange(Number(handle.value));
      });
    }
    this.element = h(
      'div',
      { class: 'range', role: 'group', 'aria-label': strings.range },
      h('div', { class: 'rail' }, h('div', { class: 'chosen' }), this.start, this.end),
      this.#selected,
    );
  }

  get value(): FrameRange {
    return { first: Number(this.start.value), last: Number(this.end.value) };
  }

  set disabled(isDisabled: boolean) {
    this.start.disabled = isDisabled;
    this.end.disabled = isDisabled;
  }

  /** All of a video, at first. */
  set video(video: FrameTimes) {
    this.#video = video;
    const last = String(video.times.length - 1);
    this.start.max = last;
    this.end.max = last;
    this.start.value = '0';
    this.end.value = last;
    this.#draw();
  }

  #draw(): void {
    const { first, last } = this.value;
    const { times, end } = this.#video;
    const steps = Math.max(1, times.length - 1);
    this.element.style.setProperty('--from', String(first / steps));
    this.element.style.setProperty('--to', String(last / steps));
    // Where both are at the end, the first one has to be reachable.
    this.element.classList.toggle('atEnd', first === last && first > steps / 2);
    const from = times[first] ?? 0;
    const until = times[last + 1] ?? end;
    for (const [handle, index] of [
      [this.start, first],
      [this.end, last],
    ] as const) {
      handle.setAttribute('aria-valuetext', fill(this.#strings.frameOf, seconds(times[index] ?? 0), index + 1));
    }
    this.#selected.textContent = fill(this.#strings.selected, seconds(from), seconds(until), seconds(until - from));
  }
}

/** Hundredths, in the user's language. */
function seconds(value: number): string {
  return value.toLocaleString(document.documentElement.lang, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
