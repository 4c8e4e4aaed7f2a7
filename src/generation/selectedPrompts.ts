import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { formatNumber, formatPrice } from '../messages/format';
import { addStyle, checkPrompt } from '../tasks/model/prompt';
import { BACK, showPick } from '../ui/quickInput';
import { escapeCodicons } from '../common/text';
import type { PromptSource } from './generationRequest';
import { readSelection } from './readSelection';
import { relatePrompts, type SelectedText } from './relatedPrompts';
import { readHeadings, readSections, type SectionedText, type SelectionFacts } from './textSections';

/** What the user wants made of a selection. */
export interface SelectedPrompts {
  prompts: readonly string[];
  source?: PromptSource;
  /** The user was asked what to make of the selection: the next step can go back to that. */
  isAnswer?: boolean;
}

/** What is written for readers, with marks that are not meant for them. */
const MARKUP_LANGUAGES: ReadonlySet<string> = new Set(['markdown', 'mdx', 'quarto', 'rmd']);
export function isMarkup({ languageId }: vscode.TextDocument): boolean {
  return MARKUP_LANGUAGES.has(languageId);
}

/** Lines that are looked at for a block of code that began before the selection. */
const MAX_LINES_BEFORE = 20_000;

/**
 * Reads the prompts of selections. Of a Markdown file only the text counts, and whether one selection of several
 * sections is one video or several is asked. Any other text is taken as it was selected.
 *
 * @param selections none of them blank, in the order of the document
 * @returns `undefined` when the user gave up
 */
export async function readSelectedPrompts(
  services: Pick<ExtensionServices, 'modelCatalog' | 'defaults'>,
  document: vscode.TextDocument,
  selections: readonly vscode.Range[],
): Promise<SelectedPrompts | undefined> {
  const raw = selections.map((selection) => readSelection(document, selection));
  const isTooLong = raw.some((text) => !isBlank(text) && !checkPrompt(text).ok && text.length > MAX_SPLIT_CHARS);
  if (!isMarkup(document) || isTooLong) {
    return isTooLong ? { prompts: raw } : askAboutRelated(services, document, selections, { prompts: raw });
  }
  const facts = selections.map((selection) => getFacts(document, selection));
  const texts = raw.map((text, index): SectionedText => {
    const known = facts[index];
    return known ? readSections(text, known) : { sections: [{ prompt: text }], isReduced: false };
  });
  const [only] = texts;
  if (only && texts.length === 1 && only.sections.length > 1) {
    return askHowMany(services, document, raw[0] ?? '', only);
  }
  const joined = texts.map(joinSections);
  if (joined.every(isBlank)) {
    const headings = raw.flatMap((text, index) => (facts[index] ? readHeadings(text, facts[index]) : []));
    return headings.length === 0 ? { prompts: raw } : askAboutHeadings(services, document, raw, headings);
  }
  const isReduced = texts.some((text) => text.isReduced);
  const style = texts.map((text) => text.style).find((one) => one !== undefined);
  return askAboutRelated(services, document, selections, {
    prompts: joined,
    ...(isReduced ? { source: { raw: raw.filter((text) => !isBlank(text)), style } } : {}),
  });
}

/** Points out prompts that would be paid twice or are pieces of one. Others go on without a question. */
async function askAboutRelated(
  services: Pick<ExtensionServices, 'modelCatalog' | 'defaults'>,
  document: vscode.TextDocument,
  selections: readonly vscode.Range[],
  chosen: SelectedPrompts,
): Promise<SelectedPrompts | undefined> {
  const { prompts } = chosen;
  const texts = prompts.flatMap((text, index) => {
    const range = selections[index];
    return range && !isBlank(text) ? [toSelectedText(document, range, text)] : [];
  });
  const { distinct, equal, fragments, joined } = relatePrompts(texts);
  if (equal === 0 && fragments === undefined) {
    return chosen;
  }
  const price = services.modelCatalog.priceOf(services.defaults.read(document.uri).model);
  const getSum = (count: number) => formatPrice(price === undefined ? undefined : price * count);
  const count = texts.length;
  const drop: ChoiceItem = {
    label: `$(list-filter) ${vscode.l10n.t('Each only once: {0}', formatNumber(distinct.length))}`,
    description: getSum(distinct.length),
    chosen: { prompts: distinct },
  };
  const join: ChoiceItem = {
    label: `$(file) ${vscode.l10n.t('One video, of all of it joined')}`,
    description: getSum(1),
    detail: escapeCodicons(joined, 120),
    chosen: { prompts: [joined] },
  };
  return ask(
    equal > 0
      ? vscode.l10n.t('{0} of {1} prompts are the same', formatNumber(equal), formatNumber(count))
      : vscode.l10n.t('{0} selections look like pieces of a text', formatNumber(count)),
    fragments === 'cut-words'
      ? vscode.l10n.t('The selection cuts words. Nothing is sent before the next question.')
      : vscode.l10n.t('Each would be a video of its own. Nothing is sent before the next question.'),
    [
      ...(fragments !== undefined && checkPrompt(joined).ok ? [join] : []),
      ...(equal > 0 ? [drop] : []),
      {
        label: `$(list-ordered) ${vscode.l10n.t('As selected: {0}', formatNumber(count))}`,
        description: getSum(count),
        chosen,
      },
    ],
  );
}

/** A line of megabytes is looked at only beside the selection. */
const BESIDE_CHARS = 200;

function toSelectedText(document: vscode.TextDocument, { start, end }: vscode.Range, text: string): SelectedText {
  const before = document.lineAt(start.line).text.slice(Math.max(0, start.character - BESIDE_CHARS), start.character);
  const after = document.lineAt(end.line).text.slice(end.character, end.character + BESIDE_CHARS);
  return { text, before, after, start: start.line, end: end.line };
}

/** A longer text is refused as a whole, and not taken apart first. */
const MAX_SPLIT_CHARS = 199_000;

function isBlank(text: string): boolean {
  const check = checkPrompt(text);
  return !check.ok && check.reason === 'empty';
}

function joinSections({ sections, style }: SectionedText): string {
  const text = sections.map(({ prompt }) => prompt).join('\n\n');
  return text === '' ? (style ?? '') : addStyle(text, style);
}

/** `undefined` inside a block of code and in front matter: there nothing is Markdown. */
export function getFacts(document: vscode.TextDocument, { start }: vscode.Range): SelectionFacts | undefined {
  const before = document.lineAt(start.line).text.slice(0, start.character);
  const isAtStart = start.line === 0 && before.trim() === '';
  let open: string | undefined;
  for (let line = Math.max(0, start.line - MAX_LINES_BEFORE); line < start.line; line++) {
    const text = document.lineAt(line).text.slice(0, 100);
    const [, mark] = /^ {0,3}(`{3,}|~{3,}|---[ \t]*$)/.exec(text) ?? [];
    if (open !== undefined) {
      open = mark?.startsWith(open) ? undefined : open;
    } else if (mark !== undefined && (!mark.startsWith('---') || line === 0)) {
      open = mark.trim();
    }
  }
  return open === undefined ? { isAtStart, isMidLine: before.trim() !== '' } : undefined;
}

/** One choice of a question about the selected text. */
type ChoiceItem = vscode.QuickPickItem & { chosen: SelectedPrompts };

async function askHowMany(
  services: Pick<ExtensionServices, 'modelCatalog' | 'defaults'>,
  document: vscode.TextDocument,
  raw: string,
  text: SectionedText,
): Promise<SelectedPrompts | undefined> {
  const { sections, style } = text;
  const count = sections.length;
  const price = services.modelCatalog.priceOf(services.defaults.read(document.uri).model);
  const one = joinSections(text);
  const asSelected: ChoiceItem = {
    label: `$(code) ${vscode.l10n.t('One video, of the text exactly as it is selected')}`,
    description: formatPrice(price),
    detail: vscode.l10n.t('With headings and all marks'),
    chosen: { prompts: [raw] },
  };
  const items: ChoiceItem[] = [
    {
      label: `$(list-ordered) ${vscode.l10n.t('{0} videos, one for each section', formatNumber(count))}`,
      description: formatPrice(price === undefined ? undefined : price * count),
      ...(style === undefined ? {} : { detail: vscode.l10n.t('Each with the style: {0}', style) }),
      chosen: {
        prompts: sections.map(({ prompt }) => addStyle(prompt, style)),
        source: { style, titles: sections.map(({ title }) => title) },
      },
    },
    ...(checkPrompt(one).ok
      ? [
          {
            label: `$(file) ${vscode.l10n.t('One video, of all sections together')}`,
            description: formatPrice(price),
            chosen: { prompts: [one], source: { raw: [raw], style } },
          },
        ]
      : []),
    ...(text.isReduced && checkPrompt(raw).ok ? [asSelected] : []),
  ];
  return ask(
    vscode.l10n.t('{0} sections: {0} videos, or one?', formatNumber(count)),
    vscode.l10n.t('Headings are not sent. Nothing is sent before the next question.'),
    items,
  );
}

/** Headings are sent only where the user wants them. */
function askAboutHeadings(
  services: Pick<ExtensionServices, 'modelCatalog' | 'defaults'>,
  document: vscode.TextDocument,
  raw: readonly string[],
  headings: readonly string[],
): Promise<SelectedPrompts | undefined> {
  const price = services.modelCatalog.priceOf(services.defaults.read(document.uri).model);
  const getSum = (count: number) => formatPrice(price === undefined ? undefined : price * count);
  return ask(
    vscode.l10n.t('Only headings are selected'),
    vscode.l10n.t('Use them as prompts? Nothing is sent before the next question.'),
    [
      {
        label: `$(list-ordered) ${vscode.l10n.t('Headings as prompts: {0}', formatNumber(headings.length))}`,
        description: getSum(headings.length),
        chosen: { prompts: headings },
      },
      {
        label: `$(code) ${vscode.l10n.t('The text exactly as it is selected')}`,
        description: getSum(raw.length),
        chosen: { prompts: raw },
      },
    ],
  );
}

async function ask(title: string, placeholder: string, items: ChoiceItem[]): Promise<SelectedPrompts | undefined> {
  const picked = await showPick({ title, placeholder, items, ignoreFocusOut: true });
  return picked === undefined || picked === BACK ? undefined : { ...picked.chosen, isAnswer: true };
}
