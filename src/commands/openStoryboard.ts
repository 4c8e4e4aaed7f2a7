import * as v from 'valibot';
import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import type { ExtensionServices } from '../container';
import type { ReadStoryboard } from '../platform/storyboardFiles';
import type { ShotIdentity } from '../storyboard/resolve';
import { matchTakes } from '../storyboard/takes';
import { requireKnownPlace } from '../ui/confirmPlace';
import { UserFacingError } from '../ui/showError';
import { resolveStoryboard } from './storyboardTarget';
import { resolveTask } from './taskArguments';

/** What a row of the list stands for: a storyboard, or one of its shots as it was when its tasks were generated. */
const Place = v.object({ uri: v.string(), label: v.optional(v.string()), title: v.optional(v.string(), '') });

/**
 * Opens a storyboard with the cursor at a shot: of the row of a film or a shot, or of a task that was generated for one.
 * A shot that was moved, renumbered or renamed since is found like its takes are.
 */
export async function openStoryboard(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<void> {
  const { uri, shot } = await resolvePlace(services, argument, selected);
  const read = await readKnownStoryboard(services, uri);
  const at = shot && findShot(read, shot);
  const position = at === undefined ? undefined : read.document.positionAt(at);
  await vscode.window.showTextDocument(read.document, {
    ...(position ? { selection: new vscode.Range(position, position) } : {}),
  });
  if (shot && !position) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t(
        '“{0}” is no longer in this storyboard. Its takes stay in the list.',
        escapeForNotification(shot.title === '' ? shot.label : `${shot.label}: ${shot.title}`, 80),
      ),
    );
  }
}

async function resolvePlace(
  services: ExtensionServices,
  argument: unknown,
  selected: unknown,
): Promise<{ uri: string; shot?: ShotIdentity | undefined }> {
  const place = v.safeParse(Place, argument);
  if (place.success) {
    const { uri, label, title } = place.output;
    return { uri, shot: label === undefined ? undefined : { label, title, text: '' } };
  }
  const { shot, request } = await resolveTask(services, argument, selected, 'ofShot');
  if (!shot) {
    throw new UserFacingError(vscode.l10n.t('This video was not generated for a storyboard.'));
  }
  return { uri: shot.document, shot: { ...shot, text: request.prompt } };
}

/** Where a shot begins in the text; `undefined` when it is there no more. */
function findShot({ resolved }: ReadStoryboard, identity: ShotIdentity): number | undefined {
  const [index] = matchTakes(resolved, [identity], (one) => one).ofShot.keys();
  return index === undefined ? undefined : resolved.shots[index]?.shot.heading.start;
}

/**
 * Reads the storyboard that a record names, if its place may be opened.
 *
 * @throws {UserFacingError} when there is none
 */
export async function readKnownStoryboard(services: ExtensionServices, text: string): Promise<ReadStoryboard> {
  const uri = parseUri(text);
  const isOpen = vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString());
  if (!isOpen && uri.scheme === 'untitled') {
    // VS Code would make an empty one.
    throw new UserFacingError(
      vscode.l10n.t('The storyboard “{0}” was closed without being saved.', escapeForNotification(uri.path, 80)),
    );
  }
  if (!isOpen) {
    await requireKnownPlace(uri, text, vscode.l10n.t('The storyboard is not a file of this computer.'));
  }
  return resolveStoryboard(services, uri);
}

function parseUri(text: string): vscode.Uri {
  try {
    return vscode.Uri.parse(text, true);
  } catch {
    throw new UserFacingError(vscode.l10n.t('“{0}” is no address of a file.', escapeForNotification(text, 100)));
  }
}
