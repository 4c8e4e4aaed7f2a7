import * as vscode from 'vscode';
import { formatNumber } from '../../platform/format';
import type { FrameImage } from '../../frames/delivery';
import { inLabel } from '../../platform/foreignText';
import { checkPrompt, MAX_PROMPT_CHARS } from '../../tasks/prompt';
import type { Rooms } from '../rooms';
import { askText, BACK, type Answer, type TextButton } from '../steps';

/** Why a text cannot be sent as a prompt, before anything is sent. */
export function promptProblem(text: string): string | undefined {
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

export function askPrompt(options: PromptOptions): Promise<Answer<string>> {
  return ask(options);
}

/**
 * The prompt, and a first frame with it if the person likes: a button leads to a page that takes an image from the
 * clipboard, which this box cannot. What was typed is there again behind it.
 */
export async function askPromptAndImage(
  rooms: Pick<Rooms, 'cropper'>,
  options: PromptOptions,
  given: PromptAndImage,
): Promise<Answer<PromptAndImage>> {
  let { prompt, image } = given;
  for (;;) {
    const answer = await ask({
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
    image = (await rooms.cropper.paste()) ?? image;
  }
}

export interface PromptAndImage {
  prompt: string;
  image?: FrameImage | undefined;
}

interface PromptOptions {
  title: string;
  value?: string;
  back?: boolean;
}

function ask<T = never>(
  options: PromptOptions & { image?: FrameImage | undefined; extra?: TextButton<T> },
): Promise<Answer<string | T>> {
  return askText({
    title: options.title,
    placeholder: vscode.l10n.t('A ginger cat jumps onto a sunlit window sill, slow motion'),
    prompt: options.image
      ? vscode.l10n.t('First frame: {0}. What happens after it? Nothing is sent yet.', inLabel(options.image.label, 60))
      : vscode.l10n.t('What should be seen in the video? Nothing is sent yet.'),
    problem: promptProblem,
    extra: options.extra,
    // One line in the box: a prompt with line breaks is edited in an editor and comes by selection.
    ...(options.value === undefined ? {} : { value: options.value.replace(/\s*\n\s*/g, ' ') }),
    ...(options.back === undefined ? {} : { back: options.back }),
  });
}
