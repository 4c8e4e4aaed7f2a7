import { readFrontMatter, type FileSetting, type FrontMatter } from './frontMatter';
import {
  findShotKey,
  isCastHeading,
  normalizeLabel,
  normalizeName,
  parseShotHeading,
  type FileKey,
  type KeyLanguage,
  type ShotKey,
} from './keys';
import { MappedText, type Span } from './mappedText';
import { MarkdownReader, type Block, type ListItem, type Reference, type UnreadReason } from './markdown';

/**
 * What a storyboard says, with the places where it says so: offsets of JavaScript strings in the whole text. Nothing is
 * judged here (`checkStoryboard`) and nothing filled in (`resolveStoryboard`).
 */
export interface Storyboard {
  frontMatter: FrontMatter | undefined;
  /** The first heading that is neither a shot nor the cast. */
  title: Titled | undefined;
  cast: readonly CastMember[];
  /** The heading of the cast, and where its last line ends. */
  castSection: (Span & { level: number }) | undefined;
  /** In the order of the file. */
  shots: readonly Shot[];
  /** What was not read, outside of shots. */
  unread: readonly Unread[];
  /** Lines that git leaves where two versions did not fit together. */
  conflicts: readonly Span[];
  eol: '\n' | '\r\n';
  /** In which language keys are written. */
  language: KeyLanguage;
  /** In UTF-16. */
  length: number;
}

export interface Titled extends Span {
  text: string;
}

/** A part of the text of which only the heading was read. */
export interface Unread extends Span {
  reason: UnreadReason;
  isCast: boolean;
}

export interface Shot {
  /** Its place among the shots, from 0. */
  index: number;
  /** `Shot 2`, as it is written. */
  label: string;
  labelSpan: Span;
  /** What follows the label; may be empty. */
  title: string;
  /** Of the scene around it, `Scene 1`; absent for a shot that is in none. */
  group?: string | undefined;
  /** The line of its heading. */
  heading: Span & { level: number };
  /** All of it: to the next heading of the same or a higher level, or of a shot. */
  span: Span;
  /** With known keys, the first of each. */
  settings: readonly Setting[];
  repeated: readonly Setting[];
  /** Bullets with known keys that are not directly below the heading, so that they set nothing. */
  misplaced: readonly Setting[];
  /** Without its style, and with `@Name` as it is written. Empty when there is none. */
  prompt: MappedText;
  /** From the first line of the prompt to its last. */
  promptSpan: Span | undefined;
  /** A part that was not read: nothing that is known of the shot is all of it. */
  unread?: Unread | undefined;
}

export interface Setting {
  key: ShotKey;
  name: string;
  nameSpan: Span;
  /** As readers see it, trimmed; without images. */
  value: string;
  /** Where it is written; behind the colon for none. */
  span: Span;
  /** The bullet and all that belongs to it. */
  item: Span;
  /** The image or link in it. */
  reference?: Reference | undefined;
}

export interface CastMember {
  name: string;
  nameSpan: Span;
  /** Empty when there is none. */
  description: MappedText;
  item: Span;
  /** A picture of it, for readers. */
  image?: Reference | undefined;
}

/** More is no film, and reading it would hold up the editor. In UTF-16. */
export const MAX_STORYBOARD_CHARS = 3_000_000;

/** Reads a storyboard again and again, as it is being changed: what has not changed is not read again. */
export class StoryboardReader {
  readonly #markdown = new MarkdownReader();

  /** Never throws. Of a text that is too long nothing is read, of a section that is too long only its heading. */
  read(text: string): Storyboard {
    return assemble(text, text.length > MAX_STORYBOARD_CHARS ? [] : this.#markdown.read(text));
  }

  /** @param giveTurn lets others work, and says whether to go on. `read` of this text is quick afterwards. */
  async warm(text: string, giveTurn: () => Promise<boolean>): Promise<void> {
    if (text.length <= MAX_STORYBOARD_CHARS) {
      await this.#markdown.warm(text, giveTurn);
    }
  }
}

export function parseStoryboard(text: string): Storyboard {
  return new StoryboardReader().read(text);
}

export function findSetting({ settings }: Pick<Shot, 'settings'>, key: ShotKey): Setting | undefined {
  return settings.find((one) => one.key === key);
}

export function findFileSetting(
  { frontMatter }: Pick<Storyboard, 'frontMatter'>,
  key: FileKey,
): FileSetting | undefined {
  return frontMatter?.settings.find((one) => one.key === key);
}

/** The shot that a place of the text belongs to. */
export function findShotAt({ shots }: Pick<Storyboard, 'shots'>, offset: number): Shot | undefined {
  // The innermost: a scene of shots may be a shot as well.
  return shots.findLast(({ span }) => span.start <= offset && offset <= span.end);
}

interface OpenHeading {
  level: number;
  shot?: OpenShot;
  isCast?: boolean;
}

interface OpenShot {
  heading: Extract<Block, { kind: 'heading' }>;
  label: string;
  labelStart: number;
  titleStart: number;
  group: OpenShot | undefined;
  content: Block[];
  hasShots: boolean;
  end: number;
}

function assemble(text: string, blocks: readonly Block[]): Storyboard {
  const open: OpenHeading[] = [];
  const found: OpenShot[] = [];
  const cast: CastMember[] = [];
  let frontMatter: FrontMatter | undefined;
  let title: Titled | undefined;
  let castSection: (Span & { level: number }) | undefined;
  const unread: Unread[] = [];
  const closeTo = (level: number, at: number) => {
    while (open.length > 0 && open.at(-1)!.level >= level) {
      const { shot } = open.pop()!;
      if (shot) {
        shot.end = at;
      }
    }
  };
  for (const block of blocks) {
    if (block.kind === 'front-matter') {
      frontMatter = readFrontMatter(block.value, block.valueStart, { start: block.start, end: block.end });
    } else if (block.kind === 'heading') {
      closeTo(block.level, block.start);
      const parsed = parseShotHeading(block.text.text);
      const group = open.findLast(({ shot }) => shot !== undefined)?.shot;
      if (parsed) {
        if (group) {
          group.hasShots = true;
        }
        const shot: OpenShot = { heading: block, ...parsed, group, content: [], hasShots: false, end: text.length };
        found.push(shot);
        open.push({ level: block.level, shot });
      } else if (!group && isCastHeading(block.text.text)) {
        castSection ??= { start: block.start, end: block.end, level: block.level };
        open.push({ level: block.level, isCast: true });
      } else {
        title ??= { text: block.text.text.trim(), start: block.start, end: block.end };
        open.push({ level: block.level });
      }
    } else {
      const last = open.at(-1);
      const isCast = open.some((one) => one.isCast);
      if (block.kind === 'unread' && !last?.shot) {
        const before = unread.at(-1);
        if (before?.end === block.start) {
          before.end = block.end;
        } else {
          unread.push({ start: block.start, end: block.end, reason: block.reason, isCast });
        }
      }
      if (last?.shot) {
        last.shot.content.push(block);
      } else if (isCast) {
        if (block.kind === 'list') {
          cast.push(...block.items.flatMap(readCastMember));
        }
        castSection = castSection && { ...castSection, end: block.end };
      }
    }
  }
  closeTo(0, text.length);
  const shots = found
    .filter(({ hasShots, content }) => !hasShots || content.some(({ kind }) => kind === 'quote' || kind === 'unread'))
    .map((shot, index) => readShot(shot, index));
  return {
    frontMatter,
    title,
    cast,
    castSection,
    shots,
    unread,
    conflicts: findConflicts(text),
    eol: /\r\n|\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n',
    language: isRussian(shots, cast) ? 'ru' : 'en',
    length: text.length,
  };
}

function readShot(shot: OpenShot, index: number): Shot {
  const { heading, label, labelStart, titleStart, group, content, hasShots } = shot;
  const text = heading.text;
  const settings: Setting[] = [];
  const repeated: Setting[] = [];
  const misplaced: Setting[] = [];
  let isHead = true;
  for (const block of content) {
    const found = block.kind === 'list' ? block.items.flatMap(readSetting) : [];
    if (isHead && block.kind === 'list') {
      for (const setting of found) {
        (settings.some(({ key }) => key === setting.key) ? repeated : settings).push(setting);
      }
    } else {
      misplaced.push(...found);
      isHead = isHead && block.kind === 'comment';
    }
  }
  const quotes = content.filter((block) => block.kind === 'quote');
  // Around other shots, paragraphs are notes about the scene.
  const written = quotes.length > 0 ? quotes : hasShots ? [] : content.filter((block) => block.kind === 'paragraph');
  const texts = written.filter((block) => block.text.text !== '');
  const unread = content.find((block) => block.kind === 'unread');
  return {
    index,
    label,
    labelSpan: text.spanOf(labelStart, labelStart + label.length) ?? { start: heading.start, end: heading.end },
    title: text.text.slice(titleStart).trim(),
    ...(group ? { group: group.label } : {}),
    heading: { start: heading.start, end: heading.end, level: heading.level },
    span: { start: heading.start, end: shot.end },
    settings,
    repeated,
    misplaced,
    prompt: MappedText.join(
      texts.map((block) => block.text),
      '\n\n',
    ),
    promptSpan: texts.length === 0 ? undefined : { start: texts[0]!.start, end: texts.at(-1)!.end },
    ...(unread ? { unread: { start: unread.start, end: unread.end, reason: unread.reason, isCast: false } } : {}),
  };
}

function readSetting(item: ListItem): Setting[] {
  const { text } = item.text;
  const match = /^(\s*)([^:：\n]{1,40}?)\s*[:：][ \t]*/.exec(text);
  const name = match?.[2];
  const key = name === undefined ? undefined : findShotKey(name);
  if (!match || name === undefined || key === undefined) {
    return [];
  }
  const nameStart = match[1]!.length;
  const nameSpan = item.text.spanOf(nameStart, nameStart + name.length);
  const colon = item.text.spanOf(match[0].search(/[:：]/), match[0].search(/[:：]/) + 1);
  if (!nameSpan || !colon) {
    return [];
  }
  // The line only: what follows without an empty line belongs to the item for Markdown, and is the author's own text.
  const value = item.text.before(item.lineEnd).slice(match[0].length).trim();
  const inside = item.references.filter(({ start }) => start >= colon.end && start < item.lineEnd);
  const spans = [value.span, ...inside].filter((span) => span !== undefined);
  const span =
    spans.length === 0
      ? { start: colon.end, end: colon.end }
      : { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
  // A picture in a link to a video is its poster.
  const reference = inside.find(({ isImage }) => isImage === (key !== 'take')) ?? inside[0];
  return [
    {
      key,
      name,
      nameSpan,
      value: value.text.replace(/\s+/g, ' '),
      span,
      item: { start: item.start, end: item.end },
      ...(reference ? { reference } : {}),
    },
  ];
}

function readCastMember(item: ListItem): CastMember[] {
  const { strong } = item;
  // `**Vera**: …` and `**Vera:** …`.
  const name = strong?.text.replace(/\s*[:：]\s*$/, '').trim();
  if (!strong || !name || !item.text.text.trimStart().startsWith(strong.text.trim())) {
    return [];
  }
  const before = item.text.text.indexOf(strong.text) + strong.text.length;
  const separator = /^\s*[:：\u2013\u2014-]?\s*/.exec(item.text.text.slice(before))?.[0].length ?? 0;
  const image = item.references.find(({ isImage }) => isImage);
  const lead = strong.text.length - strong.text.trimStart().length;
  return [
    {
      name,
      nameSpan: { start: strong.span.start + lead, end: strong.span.start + lead + name.length },
      description: item.text.slice(before + separator).trim(),
      item: { start: item.start, end: item.end },
      ...(image ? { image } : {}),
    },
  ];
}

function findConflicts(text: string): Span[] {
  if (!text.includes('<<<<<<< ') && !text.includes('>>>>>>> ')) {
    return [];
  }
  return [...text.matchAll(/^(?:<{7} .*|={7}|>{7} .*|\|{7} .*)$/gm)].map(({ index, 0: line }) => ({
    start: index,
    end: index + line.trimEnd().length,
  }));
}

function isRussian(shots: readonly Shot[], cast: readonly CastMember[]): boolean {
  const written = shots.flatMap(({ settings }) => settings.map(({ name }) => name));
  const words = written.length > 0 ? written : [...shots.map(({ label }) => label), ...cast.map(({ name }) => name)];
  const russian = words.filter((word) => /\p{Script=Cyrillic}/u.test(word)).length;
  return russian * 2 > words.length;
}

/** What a shot is known by among the others of its file. */
export function getShotName({ label, title }: Pick<Shot, 'label' | 'title'>): string {
  return title === '' ? label : `${label}: ${title}`;
}

export type ShotSearch = { shot: Shot } | { several: readonly Shot[] } | undefined;

/** Finds shots by what `continue` says of them. */
export class ShotNames {
  /** By label and title, by scene and label, by label, by title, by number. */
  readonly #ways: readonly ReadonlyMap<string, readonly Shot[]>[];

  constructor(shots: readonly Shot[]) {
    const ways = Array.from({ length: 5 }, () => new Map<string, Shot[]>());
    const add = (way: number, name: string | undefined, shot: Shot) => {
      if (name) {
        const list = ways[way]!.get(name);
        if (list) {
          list.push(shot);
        } else {
          ways[way]!.set(name, [shot]);
        }
      }
    };
    for (const shot of shots) {
      const label = normalizeLabel(shot.label);
      add(0, normalizeLabel(getShotName(shot)), shot);
      add(1, shot.group === undefined ? undefined : normalizeLabel(`${shot.group} / ${shot.label}`), shot);
      add(2, label, shot);
      add(3, normalizeLabel(shot.title), shot);
      add(4, /\d+\p{L}?$/u.exec(label)?.[0], shot);
    }
    this.#ways = ways;
  }

  /**
   * The shot that a text names. Shots of the same scene come first.
   *
   * @param group the scene of the shot that names it
   */
  find(name: string, group?: string): ShotSearch {
    const wanted = normalizeLabel(name.replace(/\s*[:：]\s*/g, ': '));
    for (const way of this.#ways) {
      const hits = way.get(wanted) ?? [];
      const near = hits.filter((shot) => group !== undefined && shot.group === group);
      const best = near.length > 0 ? near : hits;
      if (best.length > 0) {
        return best.length === 1 ? { shot: best[0]! } : { several: best };
      }
    }
    // A title that was changed since: the label still says which shot is meant, if there is one.
    const parsed = parseShotHeading(name);
    return parsed && parsed.titleStart < name.length ? this.find(parsed.label, group) : undefined;
  }
}

/** The member of the cast of a name, in any case of letters. */
export function findCastMember(cast: readonly CastMember[], name: string): CastMember | undefined {
  const wanted = normalizeName(name);
  return cast.find((member) => normalizeName(member.name) === wanted);
}
