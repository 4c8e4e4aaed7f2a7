import type { CropLimits } from '../../views/cropper/protocol';
import { h } from '../shared/dom';
import { getAnchor, getDraggedWidth, moveFrame, resizeFrame, type Corner, type Rect, type Size } from './geometry';

const CORNERS: readonly Corner[] = ['nw', 'ne', 'sw', 'se'];
const ARROWS: Readonly<Record<string, { x: number; y: number; grow: number }>> = {
  ArrowLeft: { x: -1, y: 0, grow: -1 },
  ArrowRight: { x: 1, y: 0, grow: 1 },
  ArrowUp: { x: 0, y: -1, grow: 1 },
  ArrowDown: { x: 0, y: 1, grow: -1 },
};

export interface CropFrameOptions {
  name: string;
  limits: CropLimits;
  /** The size of the image, and the ratio of the frame. `undefined` while nothing can be cropped. */
  getTarget(): { image: Size; ratio: number } | undefined;
  onChange: () => void;
}

/** The crop frame, which the user moves and resizes by mouse, touch or keys. */
export class CropFrame {
  readonly element: HTMLElement;
  /** In pixels of the image, not rounded. */
  rect: Rect = { x: 0, y: 0, width: 1, height: 1 };
  readonly #options: CropFrameOptions;

  constructor(options: CropFrameOptions) {
    this.#options = options;
    this.element = h(
      'div',
      { id: 'frame', tabindex: '0', role: 'application', 'aria-label': options.name, 'aria-describedby': 'keys' },
      h('span', { class: 'thirds' }),
      ...CORNERS.map((corner) => h('span', { class: 'corner', 'data-corner': corner })),
    );
    this.element.addEventListener('pointerdown', (event) => this.#startDrag(event));
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #startDrag(down: PointerEvent): void {
    const target = this.#options.getTarget();
    const board = this.element.parentElement;
    if (!target || !board || down.button !== 0) {
      return;
    }
    down.preventDefault();
    this.element.focus();
    this.element.setPointerCapture(down.pointerId);
    const handle = down.target instanceof HTMLElement ? down.target.dataset['corner'] : undefined;
    const corner = CORNERS.find((candidate) => candidate === handle);
    const begun = this.rect;
    const scale = target.image.width / board.clientWidth;
    const onMove = (move: PointerEvent) => {
      const dx = (move.clientX - down.clientX) * scale;
      const dy = (move.clientY - down.clientY) * scale;
      if (corner === undefined) {
        this.#set(moveFrame(begun, dx, dy, target.image));
      } else {
        this.#resize(begun, getDraggedWidth(begun, corner, dx, dy), getAnchor(corner));
      }
    };
    const onEnd = () => {
      this.element.removeEventListener('pointermove', onMove);
      this.element.removeEventListener('pointerup', onEnd);
      this.element.removeEventListener('pointercancel', onEnd);
    };
    this.element.addEventListener('pointermove', onMove);
    this.element.addEventListener('pointerup', onEnd);
    this.element.addEventListener('pointercancel', onEnd);
  }

  #onKey(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    const target = this.#options.getTarget();
    if (!arrow || !target) {
      return;
    }
    event.preventDefault();
    const step = Math.max(1, Math.round(Math.max(target.image.width, target.image.height) / 100));
    if (event.shiftKey) {
      this.#resize(this.rect, this.rect.width + 2 * step * arrow.grow, { x: 0.5, y: 0.5 });
    } else {
      this.#set(moveFrame(this.rect, step * arrow.x, step * arrow.y, target.image));
    }
  }

  #resize(rect: Rect, width: number, anchor: { x: number; y: number }): void {
    const target = this.#options.getTarget();
    if (target) {
      this.#set(resizeFrame(rect, width, anchor, { ...target, minSide: this.#options.limits.minSide }));
    }
  }

  #set(rect: Rect): void {
    this.rect = rect;
    this.#options.onChange();
  }
}
