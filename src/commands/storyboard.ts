import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { runStoryboard as run } from '../generation/storyboardRun';
import { StoryboardRunner } from '../generation/storyboardRunner';
import { resolveShot, resolveStoryboard } from './storyboardTarget';

/**
 * Generates the shots that have no take, after one question.
 *
 * @param argument the URI of a storyboard; without it the one in the active editor
 * @returns the ids of the tasks that were ordered at once
 */
export async function runStoryboard(services: ExtensionServices, argument?: unknown): Promise<string[] | undefined> {
  const { document } = await resolveStoryboard(services, argument);
  return (await run(services, document))?.map(({ id }) => id);
}

/** Generates a take of one shot, also where it has one, and what it needs before. */
export async function generateShot(services: ExtensionServices, argument?: unknown): Promise<string[] | undefined> {
  const { document, shot } = await resolveShot(services, argument);
  const { label, title } = shot.identity;
  // By its name: it may have to wait, and another shot may be at its place by then.
  const isIt = ({ identity }: typeof shot) => identity.label === label && identity.title === title;
  return (await run(services, document, { only: shot.shot.index, again: isIt }))?.map(({ id }) => id);
}

/** Gives up what waits for other shots. What was sent goes on. */
export async function stopStoryboard(services: ExtensionServices, argument?: unknown): Promise<void> {
  const { document } = await resolveStoryboard(services, argument);
  const count = StoryboardRunner.of(services).stop(document.uri);
  void vscode.window.showInformationMessage(
    count === 0
      ? vscode.l10n.t('No shot of this storyboard waits for another.')
      : vscode.l10n.t('Shots that are no longer waited for: {0}. What was sent goes on.', count),
  );
}
