import type { GalleryStrings, Media, Tile, TileState } from '../../views/gallery/protocol';
import { h, setText } from '../shared/dom';
import { createIcon, setIcon, type IconName } from '../shared/icons';

/** More than any tile has room for: a screen reader would read all of it. */
const PROMPT_SHOWN_CHARS = 300;

const STATE_ICONS: Record<TileState, IconName> = {
  done: 'film',
  underway: 'underway',
  unknown: 'question',
  failed: 'error',
  expired: 'expired',
  readonly: 'lock',
};

/**
 * The element of a tile. All that is said of a task is text in it, in the order in which it is read, so that the name of
 * the cell is what is seen.
 */
export class TileView {
  readonly element: HTMLElement;
  readonly picture = h('div', { class: 'picture' });
  readonly check = h('div', { class: 'check', 'aria-hidden': 'true' }, createIcon('check'));
  readonly #image = h('img', { alt: '', decoding: 'async', draggable: 'false' });
  readonly #stateIcon = h('div', { class: 'icon-of-state' }, createIcon('film'));
  readonly #words = h('div', { class: 'words' });
  readonly #prompt = h('div', { class: 'prompt', dir: 'auto' });
  readonly #take = h('span', { class: 'take' });
  readonly #state = h('span', { class: 'state' });
  readonly #facts = h('span');
  readonly #savedMark: HTMLElement;
  #tile: Tile | undefined;
  #poster: string | undefined;

  constructor(strings: Pick<GalleryStrings, 'savedMark'>) {
    this.#savedMark = h(
      'span',
      { class: 'mark' },
      createIcon('saved'),
      h('span', { class: 'spoken' }, `${strings.savedMark} · `),
    );
    this.#image.hidden = true;
    // Until it is decoded, the icon stays.
    this.#image.addEventListener('load', () => this.#showImage(true));
    this.#image.addEventListener('error', () => this.#showImage(false));
    this.picture.append(h('div', { class: 'still' }, this.#stateIcon, this.#words), this.#image, this.check);
    this.element = h(
      'div',
      { class: 'tile', role: 'gridcell', tabindex: '-1', 'aria-selected': 'false' },
      this.picture,
      this.#prompt,
      h('div', { class: 'facts' }, this.#savedMark, this.#take, this.#state, this.#facts),
    );
  }

  get tile(): Tile | undefined {
    return this.#tile;
  }

  draw(tile: Tile): void {
    if (tile === this.#tile) {
      return;
    }
    this.#tile = tile;
    const { element } = this;
    element.id = `tile-${tile.id}`;
    element.dataset['id'] = tile.id;
    element.dataset['state'] = tile.state;
    const isDone = tile.state === 'done';
    const prompt = (tile.prompt || tile.name || tile.id).slice(0, PROMPT_SHOWN_CHARS).replace(/\s+/g, ' ').trim();
    setIcon(this.#stateIcon, STATE_ICONS[tile.state]);
    setText(this.#words, isDone ? '' : tile.words);
    // With a space at the end, or a screen reader joins two words.
    setText(this.#prompt, `${prompt} `);
    this.#prompt.title = prompt;
    this.#savedMark.hidden = !tile.saved;
    setText(this.#take, tile.take === undefined ? '' : `${tile.take} · `);
    // What plays is ready, and what is saved has its mark.
    setText(this.#state, isDone && !tile.saved && tile.copyAt === undefined ? `${tile.words} · ` : '');
    setText(this.#facts, [tile.priceText, tile.model, tile.ratio].filter(Boolean).join(' · '));
    this.#facts.title = this.#facts.textContent;
  }

  drawSelection(isSelected: boolean): void {
    if ((this.element.getAttribute('aria-selected') === 'true') !== isSelected) {
      this.element.setAttribute('aria-selected', String(isSelected));
    }
  }

  drawMedia(media: Media | undefined): void {
    if (media?.poster === this.#poster) {
      return;
    }
    this.#poster = media?.poster;
    this.#showImage(false);
    if (media?.poster === undefined) {
      this.#image.removeAttribute('src');
    } else {
      this.#image.src = media.poster;
    }
  }

  #showImage(isThere: boolean): void {
    this.#image.hidden = !isThere;
    this.element.classList.toggle('pictured', isThere);
  }
}
