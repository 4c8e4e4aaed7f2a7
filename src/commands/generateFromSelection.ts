import * as vscode from 'vscode';
import { checkPrompt } from '../tasks/prompt';
import { offerAndSend, planFor } from './generating/flow';
import { promptProblem } from './generating/promptStep';
import { run as generate } from './generate';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { Told } from './tellError';

/** Each selection is a prompt, in the order of the text. Without any, the prompt is asked for. */
export async function run(rooms: Rooms): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const selections = editor?.selections.filter(({ isEmpty }) => !isEmpty) ?? [];
  if (!editor || selections.length === 0) {
    const id = await generate(rooms);
    return id === undefined ? undefined : [id];
  }
  const prompts = promptsOf(
    selections.toSorted((a, b) => a.start.compareTo(b.start)).map((selection) => editor.document.getText(selection)),
  );
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  const records = await offerAndSend(rooms, planFor(prompts, editor.document.uri));
  return records?.map(({ id }) => id);
}

/**
 * Blank selections among others are passed over, as empty ones are.
 *
 * @throws {Told} when there is nothing to send, or one of them is too long
 */
function promptsOf(texts: readonly string[]): string[] {
  const prompts = texts.flatMap((text) => {
    const check = checkPrompt(text);
    if (!check.ok && check.reason === 'too-long') {
      throw notSent(text);
    }
    return check.ok ? [check.prompt] : [];
  });
  if (prompts.length === 0) {
    throw notSent('');
  }
  return prompts;
}

function notSent(text: string): Told {
  return new Told(`${promptProblem(text)} ${vscode.l10n.t('Nothing was sent.')}`);
}
