import { resolveTask } from './taskArguments';
import type { ExtensionServices } from '../container';

/** Opens the preview of a task, in any state. */
export async function previewTask(services: ExtensionServices, argument: unknown): Promise<void> {
  await services.preview.show((await resolveTask(services, argument)).id);
}

export async function groupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(true);
}

export async function ungroupChains(services: ExtensionServices): Promise<void> {
  await services.tree.groupChains(false);
}

export function showLog(services: ExtensionServices): Promise<void> {
  services.log.show();
  return Promise.resolve();
}
