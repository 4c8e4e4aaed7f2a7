import * as v from 'valibot';
import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import type { ExtensionServices } from '../container';
import { readStoryboard, type ReadStoryboard } from '../platform/storyboardFiles';
import { isStoryboard } from '../platform/storyboardSelector';
import { basename } from '../platform/workspaceFiles';
import { findShotAt } from '../storyboard/parse';
import type { ResolvedShot } from '../storyboard/resolve';
import { UserFacingError } from '../ui/showError';

/** A shot as a lens or another caller names it: the URI of its storyboard, its label and its title (`ShotIdentity`). */
const ShotArgument = v.object({ uri: v.string(), label: v.string(), title: v.optional(v.string(), '') });

/**
 * Finds the storyboard that a command is for, as it is on the screen: by its URI, as a string too; by a shot
 * (`ShotArgument`); in the active editor when nothing is passed.
 *
 * @throws {UserFacingError} when there is none
 */
export async function resolveStoryboard(
  { modelCatalog }: Pick<ExtensionServices, 'modelCatalog'>,
  argument: unknown,
): Promise<ReadStoryboard> {
  const uri = getUri(argument);
  const document = uri ? await openDocument(uri) : vscode.window.activeTextEditor?.document;
  if (!document || !isStoryboard(document)) {
    throw new UserFacingError(
      vscode.l10n.t('Open a storyboard first: a Markdown file whose name ends with .storyboard.md.'),
    );
  }
  return readStoryboard(modelCatalog, document);
}

/**
 * The same, and the shot: the one that is passed, or the one at the cursor.
 *
 * @throws {UserFacingError} when there is none
 */
export async function resolveShot(
  services: Pick<ExtensionServices, 'modelCatalog'>,
  argument: unknown,
): Promise<ReadStoryboard & { shot: ResolvedShot }> {
  const read = await resolveStoryboard(services, argument);
  const { shots } = read.resolved;
  const named = v.safeParse(ShotArgument, argument);
  if (named.success) {
    const { label, title } = named.output;
    const shot = shots.find(({ identity }) => identity.label === label && identity.title === title);
    if (!shot) {
      throw new UserFacingError(vscode.l10n.t('This shot is no longer in the storyboard. Nothing was sent.'));
    }
    return { ...read, shot };
  }
  const editor = vscode.window.visibleTextEditors.find(({ document }) => document === read.document);
  const at = editor && findShotAt(read.storyboard, read.document.offsetAt(editor.selection.active));
  const shot = at && shots[at.index];
  if (!shot) {
    throw new UserFacingError(vscode.l10n.t('Put the cursor into a shot first.'));
  }
  return { ...read, shot };
}

function getUri(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) {
    return argument;
  }
  const named = v.safeParse(
    v.union([
      v.string(),
      v.pipe(
        ShotArgument,
        v.transform(({ uri }) => uri),
      ),
    ]),
    argument,
  );
  try {
    return named.success ? vscode.Uri.parse(named.output, true) : undefined;
  } catch {
    throw new UserFacingError(
      vscode.l10n.t('“{0}” is no address of a file.', escapeForNotification(named.output as string, 100)),
    );
  }
}

async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument> {
  try {
    return await vscode.workspace.openTextDocument(uri);
  } catch {
    throw new UserFacingError(
      vscode.l10n.t(
        'The storyboard “{0}” cannot be opened: it was deleted, moved or renamed.',
        escapeForNotification(basename(uri), 80),
      ),
    );
  }
}
