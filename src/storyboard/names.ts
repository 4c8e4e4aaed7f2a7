import { escapeRegExp } from '../common/text';
import type { CastMember } from './parse';

/** A name of the cast in a prompt, as `@Name`. */
export interface Mention {
  member: CastMember;
  /** Of the sign. */
  start: number;
  end: number;
}

/** Finds where prompts speak of the cast. Made once for a cast, since the prompts of a film are many. */
export class CastNames {
  readonly #byName: ReadonlyMap<string, CastMember>;
  readonly #pattern: RegExp | undefined;

  constructor(cast: readonly CastMember[]) {
    // The first of two that share a name: a check tells about the other.
    this.#byName = new Map(cast.toReversed().map((member) => [member.name.toLowerCase(), member]));
    const names = [...this.#byName.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
    this.#pattern =
      names.length === 0 ? undefined : new RegExp(`(?<![\\p{L}\\p{N}])@(${names.join('|')})(?![\\p{L}\\p{N}])`, 'giu');
  }

  find(text: string): Mention[] {
    if (!this.#pattern || !text.includes('@')) {
      return [];
    }
    return [...text.matchAll(this.#pattern)].flatMap((match) => {
      const member = this.#byName.get(match[1]!.toLowerCase());
      return member ? [{ member, start: match.index, end: match.index + match[0].length }] : [];
    });
  }

  /** How long `expand` makes a text. In UTF-16; it may be a little less. */
  measure(text: string): number {
    const told = new Set<CastMember>();
    let length = text.length;
    for (const { member } of this.find(text)) {
      length += told.has(member) ? 0 : member.description.text.length + ' ()'.length;
      told.add(member);
    }
    return length;
  }

  /** The text with `Name (description)` where a name first stands in it, and `Name` after. */
  expand(text: string): string {
    const told = new Set<CastMember>();
    let result = '';
    let at = 0;
    for (const { member, start, end } of this.find(text)) {
      const isNew = !told.has(member) && member.description.text !== '';
      told.add(member);
      // A description is a part of a sentence, wherever its own ended.
      const description = member.description.text.replace(/[.\s]+$/, '').replace(/\s+/g, ' ');
      result += text.slice(at, start) + (isNew ? `${member.name} (${description})` : member.name);
      at = end;
    }
    return result + text.slice(at);
  }
}
