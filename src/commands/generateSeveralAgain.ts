import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import type { GenerationRequest } from '../generation/generationRequest';
import { confirmAndSubmit, createGenerationRequest, submit } from '../generation/submitGeneration';
import { formatModelTitle, formatRoubles } from '../messages/format';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { confirm } from '../ui/quickInput';
import { filterCapable } from './taskArguments';
import type { SelectedFrame } from '../generation/generationRequest';

type RestoreFrame = (record: TaskRecord) => Promise<readonly SelectedFrame[] | undefined>;

/**
 * Generates several tasks again, each as it was, after one question with the sum. Where they differ in nothing but the
 * prompt, that is the question of a new generation.
 *
 * @param restore reads the first frame of a task; `undefined` when the user gave up
 */
export async function generateSeveralAgain(
  services: ExtensionServices,
  chosen: readonly TaskRecord[],
  restore: RestoreFrame,
): Promise<string[] | undefined> {
  const records = filterCapable(
    services,
    chosen,
    'retryable',
    vscode.l10n.t('The prompt of this task is not known yet.'),
  );
  await requireApiKey(services);
  const requests: GenerationRequest[] = [];
  for (const group of groupByRequest(records)) {
    const request = await createRequest(services, group, restore);
    if (request === undefined) {
      return undefined;
    }
    requests.push(request);
  }
  const [only, ...more] = requests;
  const mayBePaid = records.filter(({ state }) => state === 'unknown').length;
  if (only && more.length === 0 && mayBePaid === 0 && records.length === chosen.length) {
    return (await confirmAndSubmit(services, only))?.map(({ id }) => id);
  }
  if (!(await confirmSum(services, requests, { mayBePaid, leftOut: chosen.length - records.length }))) {
    return undefined;
  }
  const ids: string[] = [];
  for (const request of requests) {
    // The daily budget is asked about there, if it is passed.
    const submitted = await submit(services, request, services.modelCatalog.priceOf(request.model));
    ids.push(...(submitted ?? []).map(({ id }) => id));
  }
  return ids;
}

/** Tasks that differ in nothing but the prompt are one request. A first frame is restored for its task alone. */
function groupByRequest(records: readonly TaskRecord[]): TaskRecord[][] {
  const groups = new Map<string, TaskRecord[]>();
  for (const record of records) {
    const { model, aspectRatio, firstFrame } = record.request;
    const key = firstFrame ? record.id : `${model} ${aspectRatio}`;
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups.values()];
}

async function createRequest(
  services: ExtensionServices,
  group: readonly TaskRecord[],
  restore: RestoreFrame,
): Promise<GenerationRequest | undefined> {
  const [first] = group as [TaskRecord];
  const frames = first.request.firstFrame ? await restore(first) : [];
  const defaults = createGenerationRequest(
    services,
    group.map(({ request }) => request.prompt),
    undefined,
  );
  const { model, aspectRatio } = first.request;
  return (
    frames &&
    defaults.with({
      frames,
      model: model || defaults.model,
      aspectRatio: aspectRatio ?? defaults.aspectRatio,
      isRatioChosen: aspectRatio !== undefined,
    })
  );
}

/** One question for all, with what each kind costs and the sum. */
function confirmSum(
  services: ExtensionServices,
  requests: readonly GenerationRequest[],
  { mayBePaid, leftOut }: { mayBePaid: number; leftOut: number },
): Promise<boolean> {
  const counts = new Map<string, number>();
  for (const { model, tasks } of requests) {
    counts.set(model, (counts.get(model) ?? 0) + tasks.length);
  }
  const priced = [...counts].map(([model, count]) => ({ model, count, price: services.modelCatalog.priceOf(model) }));
  const lines = priced.map(({ model, count, price }) =>
    price === undefined
      ? vscode.l10n.t('{0} × {1}: price unknown', count, formatModelTitle(model))
      : vscode.l10n.t('{0} × {1}: {2}', count, formatModelTitle(model), formatRoubles(count * price)),
  );
  const count = priced.reduce((sum, group) => sum + group.count, 0);
  const isKnown = priced.every(({ price }) => price !== undefined);
  const total = priced.reduce((sum, group) => sum + group.count * (group.price ?? 0), 0);
  return confirm(
    isKnown
      ? vscode.l10n.t('Generate again? Videos: {0}, together {1}.', count, formatRoubles(total))
      : vscode.l10n.t('Generate again? Videos: {0}. What they cost together is not known.', count),
    [
      ...lines,
      vscode.l10n.t('Each with its own model, aspect ratio and first frame.'),
      ...(mayBePaid > 0
        ? [
            vscode.l10n.t(
              'No answer came to {0} of them, so they may have been charged already and would cost a second time.',
              mayBePaid,
            ),
          ]
        : []),
      ...(leftOut > 0 ? [vscode.l10n.t('Left out, because their prompt is not known: {0}.', leftOut)] : []),
    ].join('\n'),
    vscode.l10n.t('Generate'),
  );
}
