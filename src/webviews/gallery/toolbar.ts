import {
  GROUPS,
  QUERY_MAX_CHARS,
  SAVED_FILTERS,
  SORTS,
  TILE_STATES,
  type GalleryStrings,
  type Group,
  type SavedFilter,
  type Sort,
  type Tile,
  type TileState,
  type ViewSettings,
} from '../../views/gallery/protocol';
import { h, setText } from '../shared/dom';
import { createIcon, type IconName } from '../shared/icons';
import { countFilters } from './arrange';

export interface ToolbarOptions {
  strings: GalleryStrings;
  settings: ViewSettings;
  isFiltering: boolean;
  onChange: (settings: ViewSettings) => void;
  onShowFilters: (isFiltering: boolean) => void;
}

/** Creates a button with an icon and a text. */
export function createButton(id: string, icon: IconName, text: string, onPress: () => void): HTMLButtonElement {
  const button = h(
    'button',
    { id, type: 'button', class: 'button', title: text },
    createIcon(icon),
    h('span', {}, text),
  );
  button.addEventListener('click', onPress);
  return button;
}

/** Search, order, and the filters, which are folded away until they are wanted. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly #options: ToolbarOptions;
  readonly #filters = h('div', { id: 'filters', role: 'group' });
  readonly #toggle: HTMLButtonElement;
  readonly #badge = h('span', { class: 'badge' });
  readonly #family: HTMLSelectElement;
  readonly #ratio: HTMLSelectElement;
  readonly #state: HTMLSelectElement;
  readonly #saved: HTMLSelectElement;
  readonly #minPrice: HTMLInputElement;
  readonly #maxPrice: HTMLInputElement;
  readonly #sort: HTMLSelectElement;
  readonly #group: HTMLSelectElement;
  #families = '';
  #ratios = '';

  constructor(options: ToolbarOptions) {
    this.#options = options;
    const { strings, settings } = options;
    this.search = h('input', {
      id: 'search',
      type: 'search',
      placeholder: strings.search,
      'aria-label': strings.search,
      maxlength: String(QUERY_MAX_CHARS),
      autocomplete: 'off',
      spellcheck: 'false',
    });
    this.#toggle = createButton('showFilters', 'filter', strings.filters, () =>
      this.#showFilters(this.#filters.hidden === true),
    );
    this.#toggle.setAttribute('aria-controls', 'filters');
    this.#toggle.append(this.#badge);
    this.#filters.setAttribute('aria-label', strings.filters);

    const states: Record<TileState, string> = {
      done: strings.stateDone,
      underway: strings.stateUnderway,
      unknown: strings.stateUnknown,
      failed: strings.stateFailed,
      expired: strings.stateExpired,
      readonly: strings.stateReadonly,
    };
    const places: Record<SavedFilter, string> = {
      saved: strings.saved,
      unsaved: strings.unsaved,
      here: strings.here,
    };
    const sorts: Record<Sort, string> = {
      newest: strings.newest,
      oldest: strings.oldest,
      expensive: strings.expensive,
      cheap: strings.cheap,
      prompt: strings.byPrompt,
    };
    const groups: Record<Group, string> = { day: strings.byDay, chain: strings.byChain, none: strings.ungrouped };
    const any = (text: string): [string, string] => ['', text];
    this.#state = this.#createSelect('state-filter', strings.state, [
      any(strings.anyState),
      ...TILE_STATES.map((state): [string, string] => [state, states[state]]),
    ]);
    this.#family = this.#createSelect('model', strings.model, [any(strings.anyModel)]);
    this.#ratio = this.#createSelect('ratio', strings.ratio, [any(strings.anyRatio)]);
    this.#saved = this.#createSelect('saved', strings.place, [
      any(strings.anyPlace),
      ...SAVED_FILTERS.map((place): [string, string] => [place, places[place]]),
    ]);
    this.#minPrice = this.#createPrice('minPrice', strings.minPrice);
    this.#maxPrice = this.#createPrice('maxPrice', strings.maxPrice);
    this.#sort = this.#createSelect(
      'sort',
      strings.sort,
      SORTS.map((sort): [string, string] => [sort, sorts[sort]]),
    );
    this.#group = this.#createSelect(
      'group',
      strings.group,
      GROUPS.map((group): [string, string] => [group, groups[group]]),
    );
    const clear = createButton('clear', 'close', strings.clear, () => this.clear());
    this.#filters.append(this.#state, this.#family, this.#ratio, this.#saved, this.#minPrice, this.#maxPrice, clear);
    this.element = h(
      'div',
      { class: 'tools' },
      h(
        'div',
        { class: 'line-of-tools', role: 'search' },
        h('div', { class: 'searchbox' }, createIcon('search'), this.search),
        this.#toggle,
        this.#group,
        this.#sort,
      ),
      this.#filters,
    );
    this.#filters.hidden = !options.isFiltering;
    this.#toggle.setAttribute('aria-expanded', String(options.isFiltering));
    this.draw(settings);
    this.search.addEventListener('input', () => this.#changed());
  }

  /** Offers the models and ratios that there are. */
  offer(tiles: readonly Tile[], settings: ViewSettings): void {
    const list = (values: Iterable<string>, chosen: string | undefined) =>
      [...new Set([...values, ...(chosen === undefined ? [] : [chosen])])].filter(Boolean).sort();
    const families = list(new Set(tiles.map(({ family }) => family)), settings.family);
    const ratios = list(new Set(tiles.map(({ ratio }) => ratio ?? '')), settings.ratio);
    const { strings } = this.#options;
    if (families.join('\n') !== this.#families) {
      this.#families = families.join('\n');
      fill(this.#family, [['', strings.anyModel], ...families.map((family): [string, string] => [family, family])]);
    }
    if (ratios.join('\n') !== this.#ratios) {
      this.#ratios = ratios.join('\n');
      fill(this.#ratio, [['', strings.anyRatio], ...ratios.map((ratio): [string, string] => [ratio, ratio])]);
    }
    this.#family.value = settings.family ?? '';
    this.#ratio.value = settings.ratio ?? '';
  }

  draw(settings: ViewSettings): void {
    this.search.value = settings.query;
    this.#state.value = settings.state ?? '';
    this.#saved.value = settings.saved ?? '';
    this.#family.value = settings.family ?? '';
    this.#ratio.value = settings.ratio ?? '';
    this.#minPrice.value = settings.minPrice === undefined ? '' : String(settings.minPrice);
    this.#maxPrice.value = settings.maxPrice === undefined ? '' : String(settings.maxPrice);
    this.#sort.value = settings.sort;
    this.#group.value = settings.group;
    this.#drawBadge(settings);
  }

  /** Leaves out nothing any more. Order and groups stay. */
  clear(): void {
    const { sort, group } = this.#read();
    const settings: ViewSettings = { query: '', sort, group };
    this.draw(settings);
    this.#options.onChange(settings);
  }

  #drawBadge(settings: ViewSettings): void {
    const count = countFilters(settings);
    setText(this.#badge, count === 0 ? '' : String(count));
    this.#badge.hidden = count === 0;
  }

  #showFilters(isShown: boolean): void {
    this.#filters.hidden = !isShown;
    this.#toggle.setAttribute('aria-expanded', String(isShown));
    this.#options.onShowFilters(isShown);
  }

  #changed(): void {
    const settings = this.#read();
    this.#drawBadge(settings);
    this.#options.onChange(settings);
  }

  #read(): ViewSettings {
    const orNone = (text: string) => (text === '' ? undefined : text);
    const price = ({ value }: HTMLInputElement) => {
      const number = Number.parseFloat(value);
      return Number.isFinite(number) && number >= 0 ? number : undefined;
    };
    return {
      query: this.search.value.slice(0, QUERY_MAX_CHARS),
      state: orNone(this.#state.value) as TileState | undefined,
      family: orNone(this.#family.value),
      ratio: orNone(this.#ratio.value),
      saved: orNone(this.#saved.value) as SavedFilter | undefined,
      minPrice: price(this.#minPrice),
      maxPrice: price(this.#maxPrice),
      sort: this.#sort.value as Sort,
      group: this.#group.value as Group,
    };
  }

  #createSelect(id: string, label: string, options: readonly [value: string, text: string][]): HTMLSelectElement {
    const select = h('select', { id, 'aria-label': label, title: label });
    fill(select, options);
    select.addEventListener('change', () => this.#changed());
    return select;
  }

  #createPrice(id: string, label: string): HTMLInputElement {
    const input = h('input', {
      id,
      type: 'number',
      min: '0',
      step: 'any',
      inputmode: 'decimal',
      placeholder: label,
      'aria-label': label,
    });
    input.addEventListener('input', () => this.#changed());
    return input;
  }
}

function fill(select: HTMLSelectElement, options: readonly [value: string, text: string][]): void {
  const { value } = select;
  select.replaceChildren(...options.map(([key, text]) => h('option', { value: key }, text)));
  if (options.some(([key]) => key === value)) {
    select.value = value;
  }
}
