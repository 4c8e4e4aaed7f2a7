import { Canvas, mix, type Colour, type Frame } from './canvas';
import type { Scene } from './scene';
import { drawText, lineHeight, textWidth, wrap } from './text';

interface Palette {
  readonly top: Colour;
  readonly horizon: Colour;
  readonly sun: Colour;
  /** From the farthest wave to the nearest. */
  readonly waves: readonly [Colour, Colour, Colour, Colour];
}

const PALETTES: readonly [Palette, ...Palette[]] = [
  {
    top: [38, 24, 84],
    horizon: [255, 138, 92],
    sun: [255, 224, 150],
    waves: [
      [150, 72, 122],
      [104, 52, 116],
      [66, 38, 98],
      [34, 22, 66],
    ],
  },
  {
    top: [16, 58, 110],
    horizon: [150, 220, 226],
    sun: [255, 246, 205],
    waves: [
      [66, 158, 178],
      [38, 118, 152],
      [22, 82, 122],
      [10, 48, 84],
    ],
  },
  {
    top: [22, 30, 62],
    horizon: [240, 150, 160],
    sun: [255, 214, 190],
    waves: [
      [120, 96, 150],
      [82, 74, 132],
      [50, 52, 106],
      [24, 28, 66],
    ],
  },
  {
    top: [10, 60, 62],
    horizon: [246, 214, 130],
    sun: [255, 244, 196],
    waves: [
      [96, 150, 110],
      [54, 116, 100],
      [26, 82, 82],
      [10, 48, 56],
    ],
  },
];

const WHITE: Colour = [255, 255, 255];
const BLACK: Colour = [8, 8, 24];

/** All lengths below are in shares of the shorter side, so that every size and shape looks alike. */
const MARGIN = 0.055;
const SUN_RADIUS = 0.11;
const GLOW_RADIUS = 0.62;
const LARGEST_TEXT = 1 / 96;
const SMALLEST_TEXT = 1 / 260;
const SMALL_TEXT = 1 / 190;
const TEXT_STEP = 0.93;
/** How much of the picture's height the prompt may fill. */
const PROMPT_SHARE = 0.46;

/** Draws frame `index` (from 0) of a scene: the same bytes for the same arguments, always. */
export function frameAt(scene: Scene, index: number): Frame {
  const canvas = new Canvas(scene.width, scene.height);
  const palette = PALETTES[hash(scene.prompt) % PALETTES.length] ?? PALETTES[0];
  const share = scene.frames > 1 ? index / (scene.frames - 1) : 1;
  drawSky(canvas, palette, share);
  drawWaves(canvas, palette, index / scene.fps);
  drawPrompt(canvas, scene.prompt);
  drawFooter(canvas, scene, index, share);
  return canvas;
}

function drawSky({ width, height, data }: Canvas, { top, horizon, sun }: Palette, share: number): void {
  const side = Math.min(width, height);
  // From left to right in a low arc, most of it below the prompt.
  const [sunX, sunY] = [
    width * (0.16 + 0.68 * share),
    height * (0.66 - 0.34 * Math.sin(Math.PI * (0.12 + 0.76 * share))),
  ];
  const [radius, glow] = [side * SUN_RADIUS, side * GLOW_RADIUS];
  for (let y = 0; y < height; y += 1) {
    const [red, green, blue] = mix(top, horizon, Math.min(1, (y / height) * 1.35) ** 1.4);
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const distance = Math.sqrt((x - sunX) ** 2 + (y - sunY) ** 2);
      const halo = distance < glow ? 0.55 * (1 - distance / glow) ** 2 : 0;
      const alpha = Math.max(halo, Math.min(1, radius - distance + 0.5));
      data[at] = red + (sun[0] - red) * alpha;
      data[at + 1] = green + (sun[1] - green) * alpha;
      data[at + 2] = blue + (sun[2] - blue) * alpha;
    }
  }
}

function drawWaves(canvas: Canvas, { waves }: Palette, seconds: number): void {
  const { width, height, data } = canvas;
  const side = Math.min(width, height);
  for (const [layer, colour] of waves.entries()) {
    const base = height * (0.62 + 0.1 * layer);
    const swell = side * (0.018 + 0.008 * layer);
    const speed = 0.5 + 0.35 * layer;
    for (let x = 0; x < width; x += 1) {
      const turn = (x / side) * (5.2 - 0.6 * layer) + layer * 2.1 + seconds * speed;
      const crest = base + swell * (Math.sin(turn) + 0.5 * Math.sin(1.9 * turn + seconds));
      const first = Math.floor(crest);
      canvas.blend(x, first, colour, 1 - (crest - first));
      for (let y = Math.max(0, first + 1); y < height; y += 1) {
        const at = (y * width + x) * 4;
        data[at] = colour[0];
        data[at + 1] = colour[1];
        data[at + 2] = colour[2];
      }
    }
  }
}

function drawPrompt(canvas: Canvas, prompt: string): void {
  const side = Math.min(canvas.width, canvas.height);
  const margin = side * MARGIN;
  const pad = margin * 0.7;
  const { lines, unit } = fitted(prompt, canvas.width - 2 * (margin + pad), canvas.height * PROMPT_SHARE, side);
  if (lines.length === 0) {
    return;
  }
  const widest = Math.max(...lines.map((line) => textWidth(line, unit)));
  const height = lines.length * lineHeight(unit);
  // The font's lines have two rows for accents above; a little less padding there looks even.
  canvas.fill(margin, margin, widest + 2 * pad, height + 2 * pad - 2 * unit, pad * 0.8, BLACK, 0.5);
  for (const [index, line] of lines.entries()) {
    drawText(canvas, line, margin + pad, margin + pad - 2 * unit + index * lineHeight(unit), unit, WHITE);
  }
}

/** The prompt in the largest letters that let all of it fit; what does not even fit then is cut. */
function fitted(prompt: string, width: number, height: number, side: number): { lines: string[]; unit: number } {
  const smallest = Math.max(1, side * SMALLEST_TEXT);
  let unit = Math.max(smallest, side * LARGEST_TEXT);
  let lines = wrap(prompt, width, unit);
  while (lines.length * lineHeight(unit) > height && unit > smallest) {
    unit = Math.max(smallest, unit * TEXT_STEP);
    lines = wrap(prompt, width, unit);
  }
  const room = Math.max(1, Math.floor(height / lineHeight(unit)));
  if (lines.length > room) {
    lines = [...lines.slice(0, room - 1), `${lines[room - 1] ?? ''}…`];
  }
  return { lines, unit };
}

function drawFooter(canvas: Canvas, scene: Scene, index: number, share: number): void {
  const { width, height } = canvas;
  const side = Math.min(width, height);
  const margin = side * MARGIN;
  const unit = Math.max(1, side * SMALL_TEXT);
  const digits = String(scene.frames).length;
  const counter = `${String(index + 1).padStart(digits, '0')}/${scene.frames}`;
  const about = `${scene.model}  ·  ${scene.ar}`;
  const bar = Math.max(2, side * 0.008);
  const line = height - margin - bar - lineHeight(unit) - unit * 2;
  const isNarrow = textWidth(about, unit) + textWidth(counter, unit) + margin > width - 2 * margin;
  const above = line - lineHeight(unit) * 1.1;
  drawText(canvas, about, margin, isNarrow ? above : line, unit, WHITE, 0.85);
  drawText(canvas, counter, width - margin - textWidth(counter, unit), line, unit, WHITE, 0.85);
  if (scene.firstFrame !== undefined) {
    const note = `first frame: ${scene.firstFrame}`;
    drawText(canvas, note, margin, isNarrow ? above - lineHeight(unit) * 1.1 : above, unit, WHITE, 0.85);
  }
  const length = width - 2 * margin;
  canvas.fill(margin, height - margin - bar, length, bar, bar / 2, WHITE, 0.25);
  canvas.fill(margin, height - margin - bar, Math.max(bar, length * share), bar, bar / 2, WHITE, 0.9);
}

/** FNV-1a: the same prompt has the same colours. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  return value;
}
