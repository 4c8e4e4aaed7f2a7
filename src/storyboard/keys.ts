/** The words of the format: keys of settings, names of shots and of the cast, in English and Russian. */

import { TextMemory } from './textMemory';

const names = new TextMemory(toNormalName);
const labels = new TextMemory(toNormalLabel);

export const SHOT_KEYS = [
  'model',
  'ratio',
  'firstFrame',
  'continue',
  'duration',
  'resolution',
  'take',
  'in',
  'out',
  'skip',
] as const;
export type ShotKey = (typeof SHOT_KEYS)[number];

export const FILE_KEYS = ['model', 'ratio', 'style', 'folder'] as const;
export type FileKey = (typeof FILE_KEYS)[number];

/** The first name of each is the one that we write. */
const SHOT_KEY_NAMES: Readonly<Record<ShotKey, { en: readonly string[]; ru: readonly string[] }>> = {
  model: { en: ['model'], ru: ['модель'] },
  ratio: { en: ['ratio', 'aspect ratio', 'aspect'], ru: ['формат', 'соотношение сторон', 'соотношение'] },
  firstFrame: { en: ['first frame', 'firstframe', 'start frame'], ru: ['первый кадр', 'начальный кадр'] },
  continue: {
    en: ['continue', 'continues', 'continue from', 'continues from'],
    ru: ['продолжить', 'продолжает', 'продолжение'],
  },
  duration: { en: ['duration', 'length'], ru: ['длительность', 'продолжительность'] },
  resolution: { en: ['resolution'], ru: ['разрешение'] },
  take: { en: ['take'], ru: ['дубль'] },
  in: { en: ['in'], ru: ['начало', 'вход'] },
  out: { en: ['out'], ru: ['конец', 'выход'] },
  skip: { en: ['skip'], ru: ['пропустить', 'пропуск'] },
};

const FILE_KEY_NAMES: Readonly<Record<FileKey, { en: readonly string[]; ru: readonly string[] }>> = {
  model: SHOT_KEY_NAMES.model,
  ratio: SHOT_KEY_NAMES.ratio,
  style: { en: ['style'], ru: ['стиль'] },
  folder: { en: ['folder'], ru: ['папка'] },
};

export type KeyLanguage = 'en' | 'ru';

export function nameOfShotKey(key: ShotKey, language: KeyLanguage): string {
  return SHOT_KEY_NAMES[key][language][0]!;
}

export function nameOfFileKey(key: FileKey, language: KeyLanguage): string {
  return FILE_KEY_NAMES[key][language][0]!;
}

const SHOT_KEYS_BY_NAME = byName(SHOT_KEY_NAMES);
const FILE_KEYS_BY_NAME = byName(FILE_KEY_NAMES);

function byName<K extends string>(names: Readonly<Record<K, { en: readonly string[]; ru: readonly string[] }>>) {
  return new Map(
    (Object.keys(names) as K[]).flatMap((key) =>
      [...names[key].en, ...names[key].ru].map((name) => [normalizeName(name), key] as const),
    ),
  );
}

export function findShotKey(name: string): ShotKey | undefined {
  return SHOT_KEYS_BY_NAME.get(normalizeName(name));
}

export function findFileKey(name: string): FileKey | undefined {
  return FILE_KEYS_BY_NAME.get(normalizeName(name));
}

/** What two names have in common that readers take for the same. */
export function normalizeName(name: string): string {
  return names.of(name);
}

function toNormalName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[\s_]+|(?<=[\p{L}])-(?=[\p{L}])/gu, ' ')
    .trim();
}

const NUMBER = String.raw`(?:№|#|no\.?)?\s{0,3}\d{1,6}(?:\.\d{1,4}){0,3}\p{L}?`;
const CHINESE_NUMBER = String.raw`(?:\d{1,6}|[零一二三四五六七八九十百]{1,6})`;
const LABEL = new RegExp(
  `^\\s*((?:shot|scene|кадр|сцена)\\s{0,3}${NUMBER}(?![\\p{L}\\p{N}])` +
    `|shot(?=[-_\\p{L}\\p{N}]{0,60}\\d)(?:[-_][\\p{L}\\p{N}]{1,20}){1,6}(?![\\p{L}\\p{N}])` +
    `|(?:镜头|鏡頭|镜|鏡)\\s{0,3}${CHINESE_NUMBER}|第${CHINESE_NUMBER}(?:镜头|鏡頭|镜|鏡))`,
  'iu',
);
/** What stands between a label and a title. */
const SEPARATOR = /^\s*(?:[:：.,)\u2013\u2014-]+\s*)?/;

/** The label of a shot at the beginning of a heading, and where its title begins. */
export function parseShotHeading(
  heading: string,
): { label: string; labelStart: number; titleStart: number } | undefined {
  const match = LABEL.exec(heading);
  if (!match) {
    return undefined;
  }
  const label = match[1]!;
  const labelEnd = match[0].length;
  const titleStart = labelEnd + (SEPARATOR.exec(heading.slice(labelEnd))?.[0].length ?? 0);
  return { label, labelStart: labelEnd - label.length, titleStart };
}

/** `Shot 01` and `shot  1` are one label. */
export function normalizeLabel(label: string): string {
  return labels.of(label);
}

function toNormalLabel(label: string): string {
  return toNormalName(label)
    .replace(/(?:№|#|\bno\.?(?=\s*\d))\s*/g, '')
    .replace(/(?<!\d)0+(?=\d)/g, '')
    .replace(/(?<=\p{L})(?=\d)/u, ' ')
    .replace(/\s+/g, ' ');
}

const CAST = new Set(['cast', 'characters', 'герои', 'персонажи', 'действующие лица', '角色', '人物']);

export function isCastHeading(heading: string): boolean {
  return CAST.has(normalizeName(heading).replace(/\s*[:：.]$/, ''));
}

const YES = new Set(['', 'yes', 'true', 'да', 'on', '1', 'x', 'skip']);
const NO = new Set(['no', 'false', 'нет', 'off', '0']);

/** @returns `undefined` for what is neither */
export function parseYesNo(value: string): boolean | undefined {
  const name = normalizeName(value);
  return YES.has(name) ? true : NO.has(name) ? false : undefined;
}
