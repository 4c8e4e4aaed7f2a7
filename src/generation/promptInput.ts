import * as vscode from 'vscode';
import { formatNumber } from '../messages/format';
import type { SourceImage } from '../images/delivery/types';
import { escapeCodicons } from '../common/text';
import { checkPrompt, MAX_PROMPT_CHARS } from '../tasks/model/prompt';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';
import { showInput, BACK, type InputResult, type InputButton } from '../ui/quickInput';

/**
 * Returns the prompt that will be sent for a text.
 *
 * @throws {UserFacingError} when the text cannot be sent as a prompt
 */
export function requirePrompt(text: string): string {
  const check = checkPrompt(text);
  if (!check.ok) {
    throw new UserFacingError(`${getPromptProblem(text)} ${vscode.l10n.t('Nothing was sent.')}`);
  }
  return check.prompt;
}

/** Why a text cannot be sent as a prompt, as a message to the user. */
export function getPromptProblem(text: string): string | undefined {
  const check = checkPrompt(text);
  if (check.ok) {
    return undefined;
  }
  return check.reason === 'empty'
    ? vscode.l10n.t('There is no text to generate from.')
    : vscode.l10n.t(
        'The prompt has {0} characters; at most {1} can be sent. Shorten it.',
        formatNumber(check.length),
        formatNumber(MAX_PROMPT_CHARS),
      );
}

interface PromptOptions {
  title: string;
  value?: string | undefined;
  back?: boolean | undefined;
  /** Called at every change of the text. */
  onDidChange?: ((text: string) => void) | undefined;
}

export interface PromptAndImage {
  prompt: string;
  image?: SourceImage | undefined;
}

/** Prompts for the text of a video. Returns it as it will be sent. */
export async function promptForText(options: PromptOptions): Promise<InputResult<string>> {
  const answer = await showPromptInput(options);
  return typeof answer === 'string' ? requirePrompt(answer) : answer;
}

/**
 * Prompts for the text of a video and, optionally, a first frame: a button opens the page that takes an image from the
 * clipboard, which an input box cannot. The typed text is kept meanwhile.
 */
export async function promptForTextAndImage(
  services: Pick<ExtensionServices, 'cropper'>,
  options: PromptOptions,
  given: PromptAndImage,
): Promise<InputResult<PromptAndImage>> {
  let { prompt, image } = given;
  for (;;) {
    const answer = await showPromptInput({
      ...options,
      value: prompt,
      image,
      extra: {
        button: {
          iconPath: new vscode.ThemeIcon('file-media'),
          tooltip: vscode.l10n.t('First frame: paste or choose an image…'),
        },
        answer: (typed) => ({ typed }),
      },
    });
    if (answer === undefined || answer === BACK) {
      return answer;
    }
    if (typeof answer === 'string') {
      return { prompt: answer, image };
    }
    prompt = answer.typed;
    image = (await services.cropper.paste()) ?? image;
  }
}

function showPromptInput<T = never>(
  options: PromptOptions & { image?: SourceImage | undefined; extra?: InputButton<T> },
): Promise<InputResult<string | T>> {
  return showInput({
    title: options.title,
    placeholder: vscode.l10n.t('A ginger cat jumps onto a sunlit window sill, slow motion'),
    prompt: options.image
      ? vscode.l10n.t(
          'First frame: {0}. What happens after it? Nothing is sent yet.',
          escapeCodicons(options.image.label, 60),
        )
      : vscode.l10n.t('What should be seen in the video? Nothing is sent yet.'),
    validate: getPromptProblem,
    onDidChange: options.onDidChange,
    caretAtEnd: true,
    extra: options.extra,
    // An input box has one line. Prompts with line breaks are written in an editor and selected there.
    value: options.value?.replace(/\s*\n\s*/g, ' '),
    back: options.back,
  });
}
