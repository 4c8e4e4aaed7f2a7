import * as vscode from 'vscode';
import { formatNumber } from '../../platform/format';
import { checkPrompt, MAX_PROMPT_CHARS } from '../../tasks/prompt';
import { askText, type Answer } from '../steps';

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

export function askPrompt(options: { title: string; value?: string; back?: boolean }): Promise<Answer<string>> {
  return askText({
    title: options.title,
    placeholder: vscode.l10n.t('A ginger cat jumps onto a sunlit window sill, slow motion'),
    prompt: vscode.l10n.t('What should be seen in the video? Nothing is sent yet.'),
    problem: promptProblem,
    // One line in the box: a prompt with line breaks is edited in an editor and comes by selection.
    ...(options.value === undefined ? {} : { value: options.value.replace(/\s*\n\s*/g, ' ') }),
    ...(options.back === undefined ? {} : { back: options.back }),
  });
}
