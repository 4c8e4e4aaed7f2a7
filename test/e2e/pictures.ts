/** Images with something to see in them, made by a browser as cameras and programs make them. */
import { gifFile, turnJpeg } from '../support/imageFiles';
import { fixture } from './setup';

export type Rgb = readonly [red: number, green: number, blue: number];

/** The corners of what `photo` draws, as they are stored. */
export const CORNERS = {
  topLeft: [220, 40, 40],
  topRight: [40, 170, 60],
  bottomLeft: [40, 80, 220],
  bottomRight: [230, 200, 40],
} as const satisfies Record<string, Rgb>;

/** A JPEG whose quarters have the colours of `CORNERS`; with an EXIF orientation it is shown turned. */
export async function photo(width: number, height: number, orientation?: number): Promise<Buffer> {
  const bytes = await quarters(width, height, 'image/jpeg');
  return orientation === undefined ? bytes : turnJpeg(bytes, orientation);
}

/** An image whose quarters have the colours of `CORNERS`. */
export async function quarters(
  width: number,
  height: number,
  type: 'image/jpeg' | 'image/png' | 'image/webp',
): Promise<Buffer> {
  const { topLeft, topRight, bottomLeft, bottomRight } = CORNERS;
  const parts = [
    [0, 0, topLeft],
    [1, 0, topRight],
    [0, 1, bottomLeft],
    [1, 1, bottomRight],
  ] as const;
  const url = await inBlankPage<string>(`(() => {
    const canvas = document.createElement('canvas');
    canvas.width = ${width};
    canvas.height = ${height};
    const context = canvas.getContext('2d');
    for (const [x, y, rgb] of ${JSON.stringify(parts)}) {
      context.fillStyle = 'rgb(' + rgb.join(' ') + ')';
      context.fillRect(x * ${width} / 2, y * ${height} / 2, ${width} / 2, ${height} / 2);
    }
    return canvas.toDataURL('${type}', 0.95);
  })()`);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** A WebP of one colour. */
export async function webp(width: number, height: number): Promise<Buffer> {
  const url = await inBlankPage<string>(
    `Object.assign(document.createElement('canvas'), { width: ${width}, height: ${height} }).toDataURL('image/webp')`,
  );
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** A grey BMP of 24 bits a pixel. */
export function bmp(width: number, height: number): Buffer {
  const stride = Math.ceil((width * 3) / 4) * 4;
  const file = Buffer.alloc(54 + stride * height, 0x80);
  file.fill(0, 0, 54);
  file.write('BM', 'latin1');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(24, 28);
  return file;
}

export function gif(width: number, height: number): Buffer {
  return gifFile({ screen: [width, height], image: [0, 0, width, height] });
}

/** A picture worth looking at, for screenshots: an evening by the sea. */
export async function landscape(width: number, height: number): Promise<Buffer> {
  const url = await inBlankPage<string>(`(() => {
    const [w, h] = [${width}, ${height}];
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const c = canvas.getContext('2d');
    const ramp = (x0, y0, x1, y1, stops) => {
      const g = c.createLinearGradient(x0, y0, x1, y1);
      stops.forEach(([at, colour]) => g.addColorStop(at, colour));
      return g;
    };
    c.fillStyle = ramp(0, 0, 0, h * 0.62, [[0, '#1d2b64'], [0.5, '#a8577e'], [0.85, '#f8a45b'], [1, '#ffe29a']]);
    c.fillRect(0, 0, w, h * 0.62);
    const sun = c.createRadialGradient(w * 0.62, h * 0.5, 0, w * 0.62, h * 0.5, h * 0.4);
    [[0, '#fffbe0'], [0.18, '#ffe9a8'], [0.22, 'rgba(255,220,140,0.5)'], [1, 'rgba(255,160,90,0)']].forEach(([at, colour]) => sun.addColorStop(at, colour));
    c.fillStyle = sun;
    c.fillRect(0, 0, w, h * 0.62);
    const hills = (base, height, colour, seed) => {
      c.fillStyle = colour;
      c.beginPath();
      c.moveTo(0, h);
      for (let x = 0; x <= w; x += 4) {
        const t = x / w;
        c.lineTo(x, h * base - h * height * (Math.sin(t * 5 + seed) * 0.5 + Math.sin(t * 13 + seed * 2) * 0.25 + Math.sin(t * 29 + seed) * 0.08));
      }
      c.lineTo(w, h);
      c.fill();
    };
    hills(0.56, 0.09, '#6d3f6b', 1.2);
    hills(0.6, 0.06, '#43295a', 3.4);
    c.fillStyle = ramp(0, h * 0.62, 0, h, [[0, '#f1a766'], [0.25, '#8b4a78'], [1, '#141c3f']]);
    c.fillRect(0, h * 0.62, w, h * 0.38);
    for (let row = 0; row < 60; row++) {
      const y = h * (0.63 + 0.37 * (row / 60) ** 1.4);
      const span = w * (0.04 + 0.2 * row / 60);
      c.fillStyle = 'rgba(255,235,180,' + (0.55 - row * 0.008) + ')';
      c.fillRect(w * 0.62 - span / 2 + Math.sin(row * 7) * span * 0.25, y, span * (0.5 + 0.5 * Math.abs(Math.sin(row * 3))), h * 0.004);
    }
    c.fillStyle = '#0d1230';
    c.beginPath();
    c.moveTo(w * 0.3, h * 0.72); c.lineTo(w * 0.42, h * 0.72); c.lineTo(w * 0.4, h * 0.76); c.lineTo(w * 0.32, h * 0.76); c.fill();
    c.beginPath();
    c.moveTo(w * 0.36, h * 0.71); c.lineTo(w * 0.36, h * 0.5); c.lineTo(w * 0.425, h * 0.7); c.fill();
    return canvas.toDataURL('image/jpeg', 0.92);
  })()`);
  return Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
}

/** What a decoder sees in an image: its size, and the colours at these places (0 to 1 of width and height). */
export async function look(
  image: Uint8Array | string,
  places: readonly (readonly [x: number, y: number])[],
): Promise<{ width: number; height: number; colours: Rgb[] }> {
  const url = typeof image === 'string' ? image : `data:image/png;base64,${Buffer.from(image).toString('base64')}`;
  return inBlankPage(`(async () => {
    const image = Object.assign(new Image(), { src: ${JSON.stringify(url)} });
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const colours = ${JSON.stringify(places)}.map(([x, y]) => [...context.getImageData(Math.min(width - 1, x * width), Math.min(height - 1, y * height), 1, 1).data].slice(0, 3));
    return { width, height, colours };
  })()`);
}

/** Whether two colours are the same to the eye of a JPEG. */
export function alike(one: Rgb, other: Rgb): boolean {
  return one.every((part, index) => Math.abs(part - (other[index] ?? 0)) < 24);
}

async function inBlankPage<T>(expression: string): Promise<T> {
  const context = await fixture.browser.newContext();
  try {
    return await (await context.newPage()).evaluate<T>(expression);
  } finally {
    await context.close();
  }
}
