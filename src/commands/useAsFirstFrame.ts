import * as vscode from 'vscode';
import { checkPrompt } from '../tasks/prompt';
import { offerAndSend, planFor } from './generating/flow';
import { CHOOSE_FILE, chooseDelivery, openImages, readImageFiles } from './generating/framePick';
import { askPrompt } from './generating/promptStep';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { BACK } from './steps';

/** One task for each image; one prompt and one question for all. */
export async function run(rooms: Rooms, clicked?: unknown, selected?: unknown): Promise<string[] | undefined> {
  const uris = await urisOf(clicked, selected);
  if (!uris) {
    return undefined;
  }
  // The files first: they may be what does not fit, and that should be known before anything is typed.
  const images = await readImageFiles(uris);
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  for (let ask = false; ; ask = true) {
    const frames = await chooseDelivery(rooms, images, { ask });
    if (frames === undefined || frames === BACK) {
      return undefined;
    }
    const prompt = await askPrompt({ title: vscode.l10n.t('What happens after the first frame?'), back: true });
    if (prompt === undefined) {
      return undefined;
    }
    const check = prompt === BACK ? undefined : checkPrompt(prompt);
    if (check?.ok) {
      const records = await offerAndSend(rooms, { ...planFor([check.prompt], uris[0]), frames });
      return records?.map(({ id }) => id);
    }
  }
}

/**
 * The explorer passes what was clicked and what is selected; a tab its resource. A key binding passes nothing:
 * then it is the image in the active tab, or a file of choice.
 */
async function urisOf(clicked: unknown, selected: unknown): Promise<vscode.Uri[] | undefined> {
  const several = Array.isArray(selected) ? selected.filter((uri) => uri instanceof vscode.Uri) : [];
  if (several.length > 0) {
    return several;
  }
  if (clicked instanceof vscode.Uri) {
    return [clicked];
  }
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (clicked !== CHOOSE_FILE && input instanceof vscode.TabInputCustom) {
    return [input.uri];
  }
  return openImages();
}
