import { getTaskIds, resolveTasks } from './taskArguments';
import type { ExtensionServices } from '../container';

/** Opens the preview of a task, in any state. Several are shown in turn; of a chain, the newest take first. */
export async function previewTask(services: ExtensionServices, argument: unknown, selected?: unknown): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  const ids = records.map(({ id }) => id);
  const [clicked, ...more] = getTaskIds(services, argument) ?? [];
  const start = more.at(-1) ?? (clicked !== undefined && ids.includes(clicked) ? clicked : records[0].id);
  await services.preview.show(start, ids.length > 1 ? { series: ids } : {});
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
