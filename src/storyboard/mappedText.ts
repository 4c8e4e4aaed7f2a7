import type { TextEdit } from '../prompting/remark';

/** A part of a text by offsets of JavaScript strings; `end` is exclusive. */
export interface Span {
  start: number;
  end: number;
}

/** Characters of a text, and where in the source they are written. */
interface Piece {
  /** In the text. */
  at: number;
  length: number;
  /** In the source. */
  source: number;
  /** Another length than in the text: an escape or an entity, which is only changed as a whole. */
  sourceLength: number;
}

/**
 * Text that was read out of Markdown, which knows where in the source each of its characters stands: `&amp;` is one
 * character, and between two lines of a quotation there is a mark that is none.
 */
export class MappedText {
  /** @param base what has to be added to offsets in the source: a section is read by itself, wherever it stands */
  constructor(
    readonly text: string,
    private readonly pieces: readonly Piece[],
    private readonly base = 0,
  ) {}

  static readonly EMPTY = new MappedText('', []);

  /** Texts of one source, one behind the other. */
  static join(texts: readonly MappedText[], separator: string): MappedText {
    if (texts.length < 2) {
      return texts[0] ?? MappedText.EMPTY;
    }
    const builder = new MappedTextBuilder();
    texts.forEach((text, index) => {
      builder.pushUnwritten(index === 0 ? '' : separator);
      text.addTo(builder);
    });
    return builder.build();
  }

  /** The same text of a source that begins elsewhere. */
  movedBy(base: number): MappedText {
    return new MappedText(this.text, this.pieces, this.base + base);
  }

  /** A part of it, which still knows where it comes from. */
  slice(start: number, end = this.text.length): MappedText {
    if (start <= 0 && end >= this.text.length) {
      return this;
    }
    const pieces: Piece[] = [];
    for (const { at, length, source, sourceLength } of this.pieces) {
      const from = Math.max(start, at);
      const to = Math.min(end, at + length);
      if (from < to) {
        pieces.push(
          length === sourceLength
            ? { at: from - start, length: to - from, source: source + from - at, sourceLength: to - from }
            : { at: from - start, length: to - from, source, sourceLength },
        );
      }
    }
    return new MappedText(this.text.slice(start, end), pieces, this.base);
  }

  /** The part that is written in front of a place of the source. */
  before(source: number): MappedText {
    const at = source - this.base;
    const last = this.pieces.findLast((piece) => piece.source < at);
    const isPlain = last?.length === last?.sourceLength;
    return this.slice(0, last ? last.at + (isPlain ? Math.min(last.length, at - last.source) : last.length) : 0);
  }

  trim(): MappedText {
    const start = this.text.length - this.text.trimStart().length;
    return this.slice(start, Math.max(start, this.text.trimEnd().length));
  }

  /** Where a part is written: from its first character to its last, with what stands between. `undefined` for no text. */
  spanOf(start: number, end: number): Span | undefined {
    if (this.pieces.length === 0) {
      return undefined;
    }
    const first = this.#pieceFrom(start);
    const from =
      first === undefined
        ? this.#endOf(this.pieces.at(-1)!)
        : first.source + (first.length === first.sourceLength ? Math.max(0, start - first.at) : 0);
    if (end <= start) {
      return { start: from + this.base, end: from + this.base };
    }
    const last = this.#pieceBefore(end);
    const to =
      last === undefined
        ? from
        : last.length === last.sourceLength
          ? last.source + Math.min(last.length, end - last.at)
          : this.#endOf(last);
    return { start: from + this.base, end: Math.max(from, to) + this.base };
  }

  /** Where all of it is written. */
  get span(): Span | undefined {
    return this.spanOf(0, this.text.length);
  }

  /** Where in the text a place of the source is; `undefined` when none of its characters is there. */
  offsetOf(source: number): number | undefined {
    const at = source - this.base;
    const piece = this.pieces.find((one) => one.source <= at && at <= one.source + one.sourceLength);
    if (piece === undefined) {
      return undefined;
    }
    return piece.at + (piece.length === piece.sourceLength ? at - piece.source : at > piece.source ? piece.length : 0);
  }

  /** The edit of the source that changes this text like that. Marks between its lines stay where they are. */
  toSourceEdits({ start, end, text }: TextEdit): TextEdit[] {
    if (start === end) {
      const place = this.spanOf(start, end);
      return place === undefined ? [] : [{ ...place, text }];
    }
    const spans: Span[] = [];
    for (const piece of this.slice(start, end).pieces) {
      const span = { start: piece.source + this.base, end: piece.source + piece.sourceLength + this.base };
      const before = spans.at(-1);
      if (before?.end === span.start) {
        before.end = span.end;
      } else {
        spans.push(span);
      }
    }
    return spans.map((span, index) => ({ ...span, text: index === 0 ? text : '' }));
  }

  /** Adds it to another text of the same source. */
  addTo(builder: MappedTextBuilder): void {
    let at = 0;
    for (const piece of this.pieces) {
      builder.pushUnwritten(this.text.slice(at, piece.at));
      builder.push(this.text.slice(piece.at, piece.at + piece.length), piece.source + this.base, piece.sourceLength);
      at = piece.at + piece.length;
    }
    builder.pushUnwritten(this.text.slice(at));
  }

  #endOf({ source, sourceLength }: Piece): number {
    return source + sourceLength;
  }

  #pieceFrom(start: number): Piece | undefined {
    return this.pieces.find(({ at, length }) => at + length > start);
  }

  #pieceBefore(end: number): Piece | undefined {
    return this.pieces.findLast(({ at }) => at < end);
  }
}

/** Puts such a text together. */
export class MappedTextBuilder {
  #text = '';
  readonly #pieces: Piece[] = [];

  get text(): string {
    return this.#text;
  }

  /** Adds characters that are written at a place of the source. */
  push(value: string, source: number, sourceLength: number): void {
    if (value === '') {
      return;
    }
    const last = this.#pieces.at(-1);
    const isPlain = value.length === sourceLength;
    if (
      last &&
      isPlain &&
      last.length === last.sourceLength &&
      last.source + last.sourceLength === source &&
      last.at + last.length === this.#text.length
    ) {
      last.length += value.length;
      last.sourceLength += value.length;
    } else {
      this.#pieces.push({ at: this.#text.length, length: value.length, source, sourceLength });
    }
    this.#text += value;
  }

  /** Adds characters that are written nowhere, such as a space where a line ends. */
  pushUnwritten(value: string): void {
    this.#text += value;
  }

  build(): MappedText {
    return new MappedText(this.#text, this.#pieces);
  }
}
