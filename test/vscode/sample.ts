/** The workspace that the demo opens. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { png } from '../ui/png';

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

/** Writes the sample files into a folder. The picture is one to begin a video with. */
export function writeSample(folder: string): void {
  writeFileSync(path.join(folder, PROMPTS_FILE), PROMPTS);
  writeFileSync(path.join(folder, 'first-frame.png'), png(1280, 720));
}
