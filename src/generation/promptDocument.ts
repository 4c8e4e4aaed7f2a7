import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import { Commands, PROMPT_SCHEME } from '../constants';
import type { ExtensionServices } from '../container';
import { formatNumber } from '../messages/format';
import { cleanPrompt } from '../tasks/model/prompt';
import { Draft, type DraftChoices, type DraftContent } from './draft';
import { getPromptProblem, requirePrompt } from './promptText';

/** package.json knows the language of a prompt by this folder. What is behind `?` tells prompts apart. */
const FOLDER = '/Seedance';

/** The dialogs of this session that wait for a prompt, by the id of its draft. */
const waiting = new Map<string, (prompt: string) => void>();

export interface PromptToEdit {
  text: string;
  /** What was chosen besides: who goes on after a reload goes on with this. */
  choices: DraftChoices;
  /** The draft that has this text so far. It moves into the editor. */
  draft?: Draft | undefined;
}

/**
 * Opens a prompt in an editor and waits until the user wants it used. The text is a draft all the time: closing the
 * editor keeps it, and so does a reload, after which no dialog waits for it any more (see `takePrompt`).
 *
 * @returns the prompt as it will be sent; `undefined` when the editor was closed
 */
export async function editPrompt(
  services: ExtensionServices,
  { text, choices, draft }: PromptToEdit,
): Promise<string | undefined> {
  const id = randomUUID();
  const kept = new Draft(services, id);
  if (!kept.write(text, choices)) {
    requirePrompt(text);
  }
  const uri = vscode.Uri.from({ scheme: PROMPT_SCHEME, path: `${FOLDER}/${vscode.l10n.t('Prompt')}`, query: id });
  const document = await vscode.workspace.openTextDocument(uri);
  // Beside the text that the user works on, and not in front of it.
  const isAlone = vscode.window.tabGroups.activeTabGroup.activeTab === undefined;
  const viewColumn = isAlone ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
  const end = document.positionAt(document.getText().length);
  // With the editor and not after it: the cursor must not jump while the user types already.
  await vscode.window.showTextDocument(document, { preview: false, viewColumn, selection: new vscode.Range(end, end) });
  if (draft?.peek()?.prompt === text) {
    draft.clear();
  }
  let closed: vscode.Disposable | undefined;
  const prompt = await new Promise<string | undefined>((resolve) => {
    waiting.set(id, resolve);
    closed = vscode.window.tabGroups.onDidChangeTabs(() => {
      if (waiting.has(id) && !isOpenPrompt(id)) {
        resolve(undefined);
      }
    });
  });
  closed?.dispose();
  waiting.delete(id);
  if (prompt !== undefined) {
    return prompt;
  }
  if ((kept.peek()?.prompt ?? '').trim() === '') {
    kept.discard();
  } else {
    vscode.window.setStatusBarMessage(
      `$(edit) ${vscode.l10n.t('Seedance: the prompt is kept as a draft. “Generate video…” begins with it.')}`,
      STATUS_MS,
    );
  }
  return undefined;
}

const STATUS_MS = 8_000;

/** The prompt of an editor, with what was chosen besides. */
export interface TakenPrompt extends DraftContent {
  /** Whether a dialog of this session was waiting for the prompt, and goes on with it. */
  isAwaited: boolean;
}

/** The document of a prompt: that of a command's argument, or else that of the active editor. */
export function findPromptDocument(argument: unknown): vscode.TextDocument | undefined {
  const uri = argument instanceof vscode.Uri ? argument : vscode.window.activeTextEditor?.document.uri;
  return vscode.workspace.textDocuments.find(
    (known) => known.uri.scheme === PROMPT_SCHEME && known.uri.toString() === uri?.toString(),
  );
}

/**
 * Takes the text of an editor for a prompt, closes the editor and ends its draft.
 *
 * @throws {UserFacingError} when the text cannot be sent; the editor stays open
 */
export async function takePrompt(services: ExtensionServices, document: vscode.TextDocument): Promise<TakenPrompt> {
  const prompt = requirePrompt(document.getText());
  const id = document.uri.query;
  const draft = new Draft(services, id);
  const { choices, lost } = await draft.read();
  const resolve = waiting.get(id);
  // Not waiting any more: a closed editor would mean that the user gave up.
  waiting.delete(id);
  // VS Code would ask about a changed document.
  await document.save();
  await vscode.window.tabGroups.close(findTabs(id));
  resolve?.(prompt);
  draft.discard();
  return { prompt, choices, lost, isAwaited: resolve !== undefined };
}

/** Whether the draft with this id is in an editor, also in one that VS Code has not loaded yet. */
export function isOpenPrompt(id: string): boolean {
  return findTabs(id).length > 0;
}

function findTabs(id: string): vscode.Tab[] {
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(
      ({ input }) =>
        input instanceof vscode.TabInputText && input.uri.scheme === PROMPT_SCHEME && input.uri.query === id,
    );
}

/** What VS Code asks a file system. A prompt without a draft, of an older session, is an empty one. */
export function statPrompt(services: ExtensionServices, { query }: vscode.Uri): vscode.FileStat {
  const { prompt = '', at = 0 } = new Draft(services, query).peek() ?? {};
  return { type: vscode.FileType.File, ctime: 0, mtime: at, size: new TextEncoder().encode(prompt).length };
}

export function readPrompt(services: ExtensionServices, { query }: vscode.Uri): Uint8Array {
  return new TextEncoder().encode(new Draft(services, query).peek()?.prompt ?? '');
}

/** @throws {vscode.FileSystemError} when the text is too long to be kept whole; VS Code says so and keeps it in the editor */
export function writePrompt(services: ExtensionServices, { query }: vscode.Uri, content: Uint8Array): void {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  if (!new Draft(services, query).keepText(text)) {
    throw new vscode.FileSystemError(getPromptProblem(text));
  }
}

/** The line above the text: the way back, what is wrong with it, and what happens to it. */
export function describePrompt(document: vscode.TextDocument): vscode.CodeLens[] {
  const text = document.getText();
  const problem = getPromptProblem(text);
  const length = formatNumber([...cleanPrompt(text)].length);
  const use: vscode.Command = {
    title: `$(check) ${vscode.l10n.t('Use this prompt (Ctrl/Cmd+Enter)')}`,
    command: Commands.usePrompt,
    arguments: [document.uri],
  };
  const about: vscode.Command = {
    title:
      problem !== undefined && text.trim() !== ''
        ? `$(warning) ${problem}`
        : vscode.l10n.t('Characters: {0}. Nothing is sent yet; closed, it stays a draft.', length),
    command: '',
  };
  const top = new vscode.Range(0, 0, 0, 0);
  return [new vscode.CodeLens(top, use), new vscode.CodeLens(top, about)];
}
