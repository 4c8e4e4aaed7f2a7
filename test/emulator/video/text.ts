import type { Canvas, Colour } from './canvas';
import { LINE_ROWS, glyphOf, type Glyph } from './font';

/** Columns between two characters. */
const GAP = 1;
/** Half the thickness of a stroke, in columns. */
const STROKE = 0.52;

/** How much ink each pixel of a glyph gets, 0 to 1. The ink starts one `unit` left of and above it. */
interface Mask {
  readonly width: number;
  readonly height: number;
  readonly ink: Float32Array;
}

interface Segment {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
}

const masks = new Map<string, Mask>();

/** Height of a line of text, in pixels. `unit` is the size of one pixel of the font. */
export function lineHeight(unit: number): number {
  return LINE_ROWS * unit;
}

/** Width of `text` in pixels. */
export function textWidth(text: string, unit: number): number {
  const columns = [...text].reduce((sum, character) => sum + glyphOf(character).width + GAP, 0);
  return Math.max(0, columns - GAP) * unit;
}

/** Draws one line with its top left corner at (`left`, `top`). */
export function drawText(
  canvas: Canvas,
  text: string,
  left: number,
  top: number,
  unit: number,
  colour: Colour,
  alpha = 1,
): void {
  let pen = left;
  for (const character of text) {
    const mask = maskOf(character, unit);
    const [originX, originY] = [Math.round(pen - unit), Math.round(top - unit)];
    for (let y = 0; y < mask.height; y += 1) {
      for (let x = 0; x < mask.width; x += 1) {
        const ink = mask.ink[y * mask.width + x] ?? 0;
        if (ink > 0) {
          canvas.blend(originX + x, originY + y, colour, alpha * ink);
        }
      }
    }
    pen += (glyphOf(character).width + GAP) * unit;
  }
}

/** Breaks `text` into lines of at most `width` pixels, between words where that is possible. */
export function wrap(text: string, width: number, unit: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer, unit) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    line = '';
    for (const character of word) {
      if (line !== '' && textWidth(line + character, unit) > width) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function maskOf(character: string, unit: number): Mask {
  const key = `${unit} ${character}`;
  let mask = masks.get(key);
  if (!mask) {
    mask = inked(glyphOf(character), unit);
    masks.set(key, mask);
  }
  return mask;
}

/**
 * Draws the glyph's pixels not as squares but as a pen would that goes from each to its neighbours:
 * the coarse bitmap becomes round, even strokes at any size.
 */
function inked(glyph: Glyph, unit: number): Mask {
  const width = Math.ceil((glyph.width + 2) * unit);
  const height = Math.ceil((LINE_ROWS + 2) * unit);
  const ink = new Float32Array(width * height);
  const strokes = strokesOf(glyph);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [column, row] = [(x + 0.5) / unit - 1, (y + 0.5) / unit - 1];
      const distance = Math.min(...strokes.map((stroke) => distanceTo(stroke, column, row)));
      ink[y * width + x] = Math.min(1, Math.max(0, (STROKE - distance) * unit + 0.5));
    }
  }
  return { width, height, ink };
}

/** The pen's ways: dots, and lines between neighbours; diagonals only where no corner joins the two. */
function strokesOf({ rows, top }: Glyph): Segment[] {
  const isInk = (column: number, row: number): boolean => rows[row]?.[column] === '#';
  return rows.flatMap((line, row) =>
    [...line].flatMap((_, column) => {
      if (!isInk(column, row)) {
        return [];
      }
      const from = { x: column + 0.5, y: row + top + 0.5 };
      const [right, below] = [isInk(column + 1, row), isInk(column, row + 1)];
      const ways = [
        { dx: 0, dy: 0, drawn: true },
        { dx: 1, dy: 0, drawn: right },
        { dx: 0, dy: 1, drawn: below },
        { dx: 1, dy: 1, drawn: isInk(column + 1, row + 1) && !right && !below },
        { dx: -1, dy: 1, drawn: isInk(column - 1, row + 1) && !isInk(column - 1, row) && !below },
      ];
      return ways.filter(({ drawn }) => drawn).map(({ dx, dy }) => ({ ...from, dx, dy }));
    }),
  );
}

function distanceTo({ x, y, dx, dy }: Segment, column: number, row: number): number {
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((column - x) * dx + (row - y) * dy) / length;
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(column - x - share * dx, row - y - share * dy);
}
