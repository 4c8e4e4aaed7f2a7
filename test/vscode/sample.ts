/** The workspace that the demo opens. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { png } from '../e2e/png';

/** The file with prompts. */
export const PROMPTS_FILE = 'prompts.md';

/** The first of them, which the demo generates from when nobody is at the keyboard. */
export const PROMPT = 'A paper boat sails down a rainy street at dusk, slow camera, neon in the puddles.';

const PROMPTS = `# Shots

Select a prompt and run "Seedance: Generate from selection".

${PROMPT}

A red fox runs through fresh snow, low sun, long shadows, the camera runs along.

# Кадры

Выделите промпт и выполните «Seedance: Создать видео по выделенному тексту».

Бумажный кораблик плывёт по залитой дождём улице, сумерки, медленная камера, неон в лужах.

Рыжая лиса бежит по свежему снегу, низкое солнце, длинные тени, камера движется рядом.
`;

/** A low sun over the sea, in flat colours. */
function dusk(x: number, y: number): readonly number[] {
  const HORIZON = 0.62;
  const isSun = Math.hypot((x - 0.64) * 16, (y - HORIZON) * 9) < 1.5;
  if (y < HORIZON) {
    return isSun ? [255, 226, 150] : [70 + 175 * y, 50 + 110 * y, 110 + 20 * y];
  }
  const isGlint = Math.abs(x - 0.64) < 0.02 + (y - HORIZON) / 5 && Math.floor(y * 60) % 2 === 0;
  return isGlint ? [240, 170, 120] : [52 - 30 * (y - HORIZON), 58 - 40 * (y - HORIZON), 110 - 80 * (y - HORIZON)];
}

/** Writes the sample files into a folder. The picture is one to begin a video with. */
export function writeSample(folder: string): void {
  writeFileSync(path.join(folder, PROMPTS_FILE), PROMPTS);
  writeFileSync(path.join(folder, 'first-frame.png'), png(1280, 720, dusk));
}
