import type { CompareModel, CompareStrings, DiffPart } from '../../views/compare/protocol';
import { h } from '../shared/dom';

/** What the takes were made from: where they differ, fact by fact, and what is the same in all. */
export class Differences {
  readonly element = h('section', { id: 'differences', class: 'differences' });
  readonly #strings: CompareStrings;
  #drawn = '';

  constructor(strings: CompareStrings) {
    this.#strings = strings;
  }

  draw({ takes, differences, same, state }: CompareModel): void {
    const { element } = this;
    element.hidden = state !== 'ready';
    const names = takes.map(({ name }) => name);
    const drawn = JSON.stringify([names, differences, same]);
    if (drawn === this.#drawn) {
      return;
    }
    this.#drawn = drawn;
    const { differences: heading, noDifferences, changedFrom, same: sameInAll } = this.#strings;
    const isSame = differences.length === 0;
    element.replaceChildren(
      h('h2', {}, heading),
      h('p', { class: 'legend' }, isSame ? noDifferences : changedFrom.replace('{0}', names[0] ?? '')),
      ...differences.map(({ name, values }) =>
        h(
          'section',
          { class: 'fact' },
          h('h3', {}, name),
          h(
            'dl',
            { class: 'values' },
            ...values.map((parts, index) =>
              h(
                'div',
                { class: 'value' },
                h('dt', {}, names[index] ?? ''),
                h('dd', { dir: 'auto' }, ...parts.map((part) => this.#createPart(part))),
              ),
            ),
          ),
        ),
      ),
      ...(same.length === 0
        ? []
        : [
            h('h3', {}, sameInAll),
            h(
              'dl',
              { class: 'same' },
              ...same.flatMap(({ name, value }) => [h('dt', {}, name), h('dd', { dir: 'auto' }, value)]),
            ),
          ]),
    );
  }

  /** Screen readers do not tell insertions and deletions by themselves, so each begins with a word. */
  #createPart({ text, change }: DiffPart): Node | string {
    switch (change) {
      case 'inserted':
        return h('ins', {}, h('span', { class: 'spoken' }, ` ${this.#strings.inserted} `), text);
      case 'removed':
        return h('del', {}, h('span', { class: 'spoken' }, ` ${this.#strings.removed} `), text);
      case undefined:
        return text;
    }
  }
}
