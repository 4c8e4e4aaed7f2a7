import { encodePath, formatLink } from '../common/markdownLink';
import { nameOfFileKey, nameOfShotKey, type FileKey, type KeyLanguage, type ShotKey } from './keys';

/** A storyboard to be written: from a selection, from tasks, from nothing. */
export interface StoryboardDraft {
  language: KeyLanguage;
  settings?: Partial<Record<FileKey, string>> | undefined;
  title: string;
  /** A paragraph below the title. */
  notes?: string | undefined;
  cast?: readonly { name: string; description: string; image?: string | undefined }[] | undefined;
  shots: readonly DraftShot[];
}

export interface DraftShot {
  title?: string | undefined;
  /** Plain text. */
  prompt: string;
  settings?: Partial<Record<Exclude<ShotKey, 'firstFrame' | 'take'>, string>> | undefined;
  /** A path from the folder of the document, with `/`, or a link. */
  firstFrame?: string | undefined;
  take?: { label: string; path: string } | undefined;
  /** Paragraphs below the prompt, which are not sent. */
  notes?: string | undefined;
}

/** What the shot at an index is called in what is written: `Shot 1`. */
export function nameOfShot(index: number, language: KeyLanguage): string {
  return `${language === 'ru' ? 'Кадр' : 'Shot'} ${index + 1}`;
}

/** A title as it is read again: one line. */
export function toShotTitle(title: string): string {
  return title.replace(/\s+/g, ' ').trim();
}

/** The text of a storyboard, which reads as what was given: nothing in a prompt is a mark of Markdown. */
export function writeStoryboard({ language, settings = {}, title, notes, cast = [], shots }: StoryboardDraft): string {
  const isRussian = language === 'ru';
  const head = (Object.entries(settings) as [FileKey, string][]).map(
    ([key, value]) => `${nameOfFileKey(key, language)}: ${toYaml(value)}\n`,
  );
  const blocks = [
    ...(head.length === 0 ? [] : [`---\n${head.join('')}---\n# ${toLine(title)}`]),
    ...(head.length === 0 ? [`# ${toLine(title)}`] : []),
    ...(notes ? [toParagraphs(notes)] : []),
    ...(cast.length === 0
      ? []
      : [
          `## ${isRussian ? 'Герои' : 'Cast'}\n${cast
            .map(
              ({ name, description, image }) =>
                `- **${toLine(name)}**: ${toLine(description)}${image === undefined ? '' : ` ${toImage(image)}`}`,
            )
            .join('\n')}`,
        ]),
    ...shots.map((shot, index) => writeShot(shot, nameOfShot(index, language), language)),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function writeShot(
  { title, prompt, settings = {}, firstFrame, take, notes }: DraftShot,
  label: string,
  language: KeyLanguage,
): string {
  const lines = [
    ...(firstFrame === undefined ? [] : [`${nameOfShotKey('firstFrame', language)}: ${toImage(firstFrame)}`]),
    ...(Object.entries(settings) as [ShotKey, string][]).map(
      ([key, value]) => `${nameOfShotKey(key, language)}: ${toLine(value)}`,
    ),
    ...(take ? [`${nameOfShotKey('take', language)}: ${formatLink(take.label, take.path)}`] : []),
  ];
  const heading = `## ${label}${title ? `: ${toLine(title)}` : ''}`;
  const bullets = lines.map((line) => `\n- ${line}`).join('');
  const quote = toParagraphs(prompt)
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
  return `${heading}${bullets}\n\n${quote}${notes ? `\n\n${toParagraphs(notes)}` : ''}`;
}

function toImage(target: string): string {
  return /^https?:\/\//i.test(target)
    ? `![](<${target.replace(/[<>\s]/g, encodeURIComponent)}>)`
    : `![](${encodePath(target)})`;
}

/** As plain as YAML can have it, in quotes where it would mean something. */
function toYaml(value: string): string {
  const line = value.replace(/\s+/g, ' ').trim();
  const isPlain =
    /^[\p{L}\p{N}][\p{L}\p{N} .,/()_-]*$/u.test(line) && !/^(?:true|false|null|yes|no|on|off|[\d.]+)$/i.test(line);
  return isPlain ? line : JSON.stringify(line);
}

function toLine(text: string): string {
  return escapeText(text.replace(/\s+/g, ' ').trim());
}

/** A break within a paragraph is one that counts: those of a file are for its reader only. */
function toParagraphs(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(toLine)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/^\n+|\n+$/g, '')
    .replace(/(?<!\n)\n(?!\n)/g, '\\\n');
}

/** What Markdown would take for a mark is escaped, and nothing else: the file is read as it is. */
function escapeText(text: string): string {
  return (
    text
      .replace(/\\(?=[!-/:-@[-`{-~])/g, '\\\\')
      .replace(/[`*[\]<]/g, '\\$&')
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replace(/&(?=#?\w{1,32};)/g, '\\&')
      .replace(/^([#+>=|~-]|:(?=-))/, '\\$1')
      .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
      .replace(/(?<=\s)#+$/, (marks) => `\\${marks}`)
      // In front of the end of a line it would be a break.
      .replace(/(?<!\\)((?:\\\\)*)\\$/, '$1\\\\')
  );
}
