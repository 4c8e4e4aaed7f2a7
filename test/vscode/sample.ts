/** The workspace that the demo opens. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createExample } from '../../src/storyboard/example';
import type { KeyLanguage } from '../../src/storyboard/keys';
import { writeStoryboard } from '../../src/storyboard/write';
import { png } from '../e2e/png';
import { encode } from '../emulator/video/encoder';
import { sceneOf } from '../emulator/video/scene';

/** The file with prompts. */
export const PROMPTS_FILE = 'prompts.md';

/** The film: all but its last shot have a take. */
export const FILM_FILE = 'film.storyboard.md';

/** What is done of it was done with this, and the rest costs as little. */
const FILM_MODEL = 'seedance-1-pro-480P-5s';
/** Small, because somebody waits for them to be drawn. */
const TAKE = { shortSidePx: 270, fps: 12 };

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
export async function writeSample(folder: string, language: KeyLanguage): Promise<void> {
  writeFileSync(path.join(folder, PROMPTS_FILE), PROMPTS);
  writeFileSync(path.join(folder, 'first-frame.png'), png(1280, 720, dusk));
  await writeFilm(folder, language);
}

/** The takes lie where the extension would have saved them, and the file chooses them. */
async function writeFilm(folder: string, language: KeyLanguage): Promise<void> {
  const example = createExample(language);
  const takes = path.join(folder, 'seedance', 'film');
  mkdirSync(takes, { recursive: true });
  const shots = await Promise.all(
    example.shots.map(async (shot, index) => {
      if (index === example.shots.length - 1) {
        return shot;
      }
      const name = `shot-${index + 1}-take-1.mp4`;
      const scene = sceneOf({ prompt: shot.prompt, model: FILM_MODEL, ar: '16:9', firstFrame: undefined }, TAKE);
      writeFileSync(path.join(takes, name), await encode(scene));
      return { ...shot, take: { label: language === 'ru' ? 'дубль 1' : 'take 1', path: `seedance/film/${name}` } };
    }),
  );
  const settings = { model: FILM_MODEL, ...example.settings };
  writeFileSync(path.join(folder, FILM_FILE), writeStoryboard({ ...example, settings, shots }));
}
