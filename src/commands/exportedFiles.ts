import { isGif, readGif } from '../images/readers/gif';
import { isPng, readPng } from '../images/readers/png';
import { isWebp, readWebp } from '../images/readers/webp';
import { planSheet } from '../views/export/plan';
import type { ExportKind, ExportRequest } from '../views/export/protocol';

/** What is checked and written of an export, without VS Code. */

const READERS = {
  gif: { isType: isGif, read: readGif },
  webp: { isType: isWebp, read: readWebp },
  png: { isType: isPng, read: readPng },
};

/** How the files of an export end, without the dot. */
export function getExtension(kind: ExportKind): keyof typeof READERS {
  return kind === 'gif' || kind === 'webp' ? kind : 'png';
}

/** Whether bytes of the page are what it has announced: of the type and of the size, by their header. */
export function isExportedFile(bytes: Uint8Array, { kind, width, height, durations }: ExportRequest): boolean {
  const expected = kind === 'sheet' ? planSheet(durations.length, { width, height }) : { width, height };
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { isType, read } = READERS[getExtension(kind)];
  try {
    const size = isType(file) ? read(file) : undefined;
    return size !== undefined && size.width === expected?.width && size.height === expected.height;
  } catch {
    // It ends before its header does.
    return false;
  }
}

const MIN_DIGITS = 4;

/** The name of a frame: `0001`. */
export function getFrameName(index: number): string {
  return String(index + 1).padStart(MIN_DIGITS, '0');
}

/**
 * Describes a sheet in the JSON of TexturePacker and Aseprite, which Phaser (`load.atlas`, `load.aseprite`), PixiJS
 * (`Spritesheet`) and others read.
 *
 * @param image the name of its PNG
 */
export function createSheetJson({ width, height, durations }: ExportRequest, image: string): string {
  const layout = planSheet(durations.length, { width, height });
  if (!layout) {
    throw new Error('the sheet is too large');
  }
  const names = durations.map((_, index) => getFrameName(index));
  const frames = durations.map((duration, index) => {
    const x = (index % layout.columns) * width;
    const y = Math.floor(index / layout.columns) * height;
    return {
      frame: { x, y, w: width, h: height },
      rotated: false,
      trimmed: false,
      spriteSourceSize: { x: 0, y: 0, w: width, h: height },
      sourceSize: { w: width, h: height },
      duration: Math.round(duration),
    };
  });
  const sheet = {
    frames: Object.fromEntries(names.map((name, index) => [name, frames[index]])),
    animations: { all: names },
    meta: {
      app: 'Seedance for VS Code',
      version: '1.0',
      image,
      format: 'RGBA8888',
      size: { w: layout.width, h: layout.height },
      scale: '1',
      frameTags: [{ name: 'all', from: 0, to: names.length - 1, direction: 'forward' }],
    },
  };
  return `${JSON.stringify(sheet, undefined, 2)}\n`;
}
