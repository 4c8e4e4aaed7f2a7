import * as vscode from 'vscode';
import { formatNumber } from '../messages/format';
import { checkPrompt, MAX_PROMPT_CHARS } from '../tasks/model/prompt';
import { UserFacingError } from '../ui/showError';

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
