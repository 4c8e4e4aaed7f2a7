import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import type { GenerationRequest } from '../generation/generationRequest';
import { escapeForNotification } from '../common/text';
import { fetchBalance, getBalanceText, getPriceDoubt } from '../generation/confirmBudget';
import { confirmFlags } from '../generation/confirmFlags';
import { isOffered, proposeModel } from '../generation/modelOfTask';
import { confirmAndSubmit, createGenerationRequest, submitAgreed } from '../generation/submitGeneration';
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
  const settled: GenerationRequest[] = [];
  for (const request of requests) {
    // Before the sum: who takes the model that a prompt names sees what that costs.
    const flags = await confirmFlags(services, request);
    if (flags === undefined) {
      return undefined;
    }
    settled.push(flags.request);
  }
  const orders = await Promise.all(settled.map((request) => quoteOrder(services, request)));
  if (!(await confirmSum(services, orders, { mayBePaid, leftOut: chosen.length - records.length }))) {
    return undefined;
  }
  const ids: string[] = [];
  for (const { request, price } of orders) {
    const submitted = await submitAgreed(services, request, price);
    if (submitted === undefined) {
      // A "no" to one is none to all that would follow. What was ordered before stays ordered.
      void vscode.window.showInformationMessage(
        vscode.l10n.t('Ordered: {0} of {1}. The rest was not sent and costs nothing.', ids.length, records.length),
      );
      break;
    }
    ids.push(...submitted.map(({ id }) => id));
  }
  return ids;
}

/** A request, and what the question about it has to say. */
interface Order {
  request: GenerationRequest;
  /** Of each task, as it is shown and stored; a price of 0 is none. */
  price: number | undefined;
  doubt: string | undefined;
}

async function quoteOrder({ modelCatalog }: ExtensionServices, request: GenerationRequest): Promise<Order> {
  const quote = await modelCatalog.quote(request.model);
  return { request, price: quote.price === 0 ? undefined : quote.price, doubt: getPriceDoubt(quote) };
}

/** Tasks that differ in nothing but the prompt are one request. A first frame is restored for its task alone. */
function groupByRequest(records: readonly TaskRecord[]): TaskRecord[][] {
  const groups = new Map<string, TaskRecord[]>();
  for (const record of records) {
    const { model, aspectRatio, firstFrame } = record.request;
    const shot = record.shot && [record.shot.document, record.shot.label, record.shot.title];
    const key = firstFrame ? record.id : JSON.stringify([model, aspectRatio, shot]);
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
      ...proposeModel(services, model, defaults.model),
      aspectRatio: aspectRatio ?? defaults.aspectRatio,
      isRatioChosen: aspectRatio !== undefined,
      shot: first.shot,
    })
  );
}

/** One question for all, with what each kind costs and the sum. */
async function confirmSum(
  services: ExtensionServices,
  orders: readonly Order[],
  { mayBePaid, leftOut }: { mayBePaid: number; leftOut: number },
): Promise<boolean> {
  const counts = new Map<string, number>();
  for (const { request } of orders) {
    counts.set(request.model, (counts.get(request.model) ?? 0) + request.tasks.length);
  }
  const priced = [...counts].map(([model, count]) => ({
    model,
    count,
    price: orders.find(({ request }) => request.model === model)?.price,
  }));
  const lines = priced.map(({ model, count, price }) => {
    const title = escapeForNotification(formatModelTitle(model), 60);
    return price === undefined
      ? vscode.l10n.t('{0} × {1}: price unknown', count, title)
      : vscode.l10n.t('{0} × {1}: {2}', count, title, formatRoubles(count * price));
  });
  const notes = new Set(
    orders.flatMap(({ request, doubt }) => [doubt ?? [], getModelNote(services, request) ?? []].flat()),
  );
  const count = priced.reduce((sum, group) => sum + group.count, 0);
  const isKnown = priced.every(({ price }) => price !== undefined);
  const total = priced.reduce((sum, group) => sum + group.count * (group.price ?? 0), 0);
  const balance = await fetchBalance(services);
  return confirm(
    isKnown
      ? vscode.l10n.t('Generate again? Videos: {0}, together {1}.', count, formatRoubles(total))
      : vscode.l10n.t('Generate again? Videos: {0}. What they cost together is not known.', count),
    [
      ...lines,
      ...notes,
      getBalanceText(balance ?? 'unknown', isKnown ? total : undefined),
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

/** What the user has to know about a model that is not the one of the task. */
function getModelNote(services: ExtensionServices, { model, modelNote }: GenerationRequest): string | undefined {
  if (!isOffered(services, model)) {
    return vscode.l10n.t('The service does not list this model now and may refuse it. A refusal costs nothing.');
  }
  switch (modelNote?.kind) {
    case 'replaced':
      return vscode.l10n.t(
        '{0} is no longer offered by the service. Instead: {1}.',
        escapeForNotification(formatModelTitle(modelNote.wanted), 60),
        escapeForNotification(formatModelTitle(model), 60),
      );
    case 'unknown':
      return vscode.l10n.t('The model of that video is not known. This is the one for new videos.');
    default:
      return undefined;
  }
}
