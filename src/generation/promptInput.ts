import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import { escapeCodicons } from '../common/text';
import { MAX_READ_CHARS } from '../tasks/model/prompt';
import type { ExtensionServices } from '../container';
import { showInput, BACK, type InputButton, type InputResult } from '../ui/quickInput';
import type { Draft, DraftChoices } from './draft';
import { editPrompt } from './promptDocument';
import { getPromptProblem, requirePrompt } from './promptText';

/** As much as a box of usual width shows. */
const SEEN_CHARS = 80;

interface PromptOptions {
  title: string;
  back?: boolean | undefined;
  /** What was chosen besides: it goes with the words into an editor. */
  choices: DraftChoices;
  /** Has the words as they are typed. */
  draft?: Draft | undefined;
  /** Called at every change of the text in the box. */
  onDidChange?: ((text: string) => void) | undefined;
}

export interface PromptAndImage {
  prompt: string;
  image?: SourceImage | undefined;
}

/** Whether a box of one line would hide a part of the text, or lose its line breaks. */
export function needsEditor(text: string): boolean {
  return text.length > SEEN_CHARS || hasLines(text);
}

export function hasLines(text: string): boolean {
  return /[\r\n]/.test(text.trim());
}

/**
 * Prompts for the text of a video. Returns it as it will be sent.
 *
 * @param isLongInEditor whether a text that is longer than the box goes straight to an editor: it is changed there, and
 * not just looked at once more
 */
export async function promptForText(
  services: ExtensionServices,
  options: PromptOptions & { value?: string | undefined; isLongInEditor?: boolean },
): Promise<InputResult<string>> {
  const { value = '', isLongInEditor = false } = options;
  if (isLongInEditor ? needsEditor(value) : hasLines(value)) {
    return editPrompt(services, { ...options, text: value });
  }
  const answer = await showPromptInput({ ...options, value, extras: [createEditorButton()] });
  return typeof answer === 'object' ? editPrompt(services, { ...options, text: answer.typed }) : readAnswer(answer);
}

/**
 * Prompts for the text of a video and, optionally, a first frame: a button opens the page that takes an image from the
 * clipboard, which an input box cannot. The typed text is kept meanwhile.
 */
export async function promptForTextAndImage(
  services: ExtensionServices,
  options: PromptOptions,
  given: PromptAndImage,
): Promise<InputResult<PromptAndImage>> {
  let { prompt, image } = given;
  for (;;) {
    const answer = hasLines(prompt)
      ? ({ typed: prompt, next: 'editor' } as const)
      : await showPromptInput({
          ...options,
          value: prompt,
          image,
          extras: [createImageButton(), createEditorButton()],
        });
    if (answer === undefined || answer === BACK) {
      return answer;
    }
    if (typeof answer === 'string') {
      return { prompt: answer, image };
    }
    prompt = answer.typed;
    if (answer.next === 'editor') {
      const edited = await editPrompt(services, { ...options, text: prompt });
      return edited === undefined ? undefined : { prompt: edited, image };
    }
    image = (await services.cropper.paste()) ?? image;
  }
}

/** What a button of the box leads to, with the words so far. */
interface Elsewhere {
  typed: string;
  next: 'editor' | 'image';
}

function createEditorButton(): InputButton<Elsewhere> {
  return {
    button: {
      iconPath: new vscode.ThemeIcon('go-to-file'),
      tooltip: vscode.l10n.t('Write in an editor, with room and line breaks'),
    },
    answer: (typed) => ({ typed, next: 'editor' }),
  };
}

function createImageButton(): InputButton<Elsewhere> {
  return {
    button: {
      iconPath: new vscode.ThemeIcon('file-media'),
      tooltip: vscode.l10n.t('First frame: paste or choose an image…'),
    },
    answer: (typed) => ({ typed, next: 'image' }),
  };
}

function readAnswer(answer: InputResult<string>): InputResult<string> {
  return typeof answer === 'string' ? requirePrompt(answer) : answer;
}

function showPromptInput(
  options: PromptOptions & {
    value: string;
    image?: SourceImage | undefined;
    extras: readonly InputButton<Elsewhere>[];
  },
): Promise<InputResult<string | Elsewhere>> {
  return showInput({
    title: options.title,
    placeholder: vscode.l10n.t('A ginger cat jumps onto a sunlit window sill, slow motion'),
    prompt: options.image
      ? vscode.l10n.t(
          'First frame: {0}. What happens after it? Nothing is sent yet.',
          escapeCodicons(options.image.label, 60),
        )
      : vscode.l10n.t('What should be seen in the video? Nothing is sent yet.'),
    validate: (text) =>
      text.length > MAX_READ_CHARS
        ? `${getPromptProblem(text)} ${vscode.l10n.t('A text of this length is not kept as a draft.')}`
        : getPromptProblem(text),
    onDidChange: options.onDidChange,
    caretAtEnd: true,
    extras: options.extras,
    value: options.value,
    back: options.back,
  });
}
