import * as vscode from 'vscode';
import { readSettings } from '../platform/settings';
import type { TaskRecord, TaskError } from '../tasks/model/taskRecord';
import { ImageDeliveryFailedError, showTaskError } from '../ui/showError';
import { askAboutBudget, confirmBudget, fetchBalance, getMissingMessage } from './confirmBudget';
import { confirmFlags } from './confirmFlags';
import { Draft } from './draft';
import { confirmGeneration } from './confirmGeneration';
import { chooseDeliveryForAll, MAX_INLINED_BYTES } from './delivery/deliveryPicker';
import { GenerationRequest, isImageFile, type PricedRequest, type SelectedFrame } from './generationRequest';
import { BACK, type InputResult } from '../ui/quickInput';
import { isModelRefused } from '../messages/taskErrors';
import type { GenerationIntent, DeliveredFrame } from '../tasks/submission/submissionService';
import type { Spender } from '../tasks/spending/reservations';
import { TASKS_VIEW } from '../constants';
import { deliverImage } from '../images/delivery/deliver';
import { DeliveryError } from '../images/delivery/deliveryError';
import { ImageError } from '../images/imageError';
import { describeDeliveryError, describeImageError } from '../messages/imageErrors';
import { sleep, systemClock } from '../common/clock';
import { escapeForNotification } from '../common/text';
import { formatBytes } from '../messages/format';
import { createDeliveryContext } from './delivery/deliveryContext';
import { parseExpectedModels, type ModelInfo } from '../api/models';
import type { ApiError } from '../api/apiError';
import type { ExtensionServices } from '../container';

/** A request with the model and aspect ratio that were chosen last, or are set for a document or folder. */
export function createGenerationRequest(
  { defaults }: Pick<ExtensionServices, 'defaults'>,
  prompts: readonly string[],
  scope: vscode.Uri | undefined,
): GenerationRequest {
  const { model, aspectRatio } = defaults.read(scope);
  return new GenerationRequest({ prompts, model, aspectRatio, scope });
}

/** Asks for confirmation and submits what the user confirmed. `undefined` when the user gave up. */
export async function confirmAndSubmit(
  services: ExtensionServices,
  request: GenerationRequest,
): Promise<TaskRecord[] | undefined> {
  const records = await confirmAndSubmitDraft(services, request, undefined);
  return records === BACK ? undefined : records;
}

/**
 * The same, as one step of several.
 *
 * @param typed the draft that has the prompt, which ends with the order; `undefined` when the prompt was not typed, and
 * becomes a draft when the user edits it
 * @param back whether there is a step to go back to, as there is before a prompt that was typed
 * @returns `BACK` when the user went back; the draft has what was chosen meanwhile
 */
export async function confirmAndSubmitDraft(
  services: ExtensionServices,
  request: GenerationRequest,
  typed: Draft | undefined,
  back = typed !== undefined,
): Promise<InputResult<TaskRecord[]>> {
  let settled: GenerationRequest | undefined;
  let draft = typed;
  let edited = 0;
  for (let proposed = request; ;) {
    const accepted = await confirmGeneration(services, proposed, {
      back,
      getDraft: () => draft,
      onDidChange: (changed, index) => {
        draft ??= index === undefined ? undefined : new Draft(services);
        edited = index ?? edited;
        draft?.keepRequest(changed, edited);
      },
    });
    if (accepted === undefined || accepted === BACK) {
      return accepted;
    }
    // Begins again with the same values: the user may choose a cheaper model, or another delivery for the image.
    proposed = accepted.request;
    if (proposed !== settled) {
      const flags = await confirmFlags(services, proposed);
      proposed = flags?.request ?? proposed;
      if (flags === undefined || flags.isOther) {
        continue;
      }
      settled = proposed;
    }
    const { goOn, agreed } = await confirmBudget(services, [{ ...accepted, request: proposed }]);
    if (goOn) {
      try {
        const records = await submit(services, proposed, accepted.price, {
          agreed,
          // It is on the disk now.
          onReserved: () => draft?.clear(),
        });
        // Refused, or never sent: nothing was charged, and the user will want the words again. What may have been
        // charged is no draft, or it would be paid twice.
        if (records === undefined || records.every(({ state }) => state === 'failed')) {
          draft?.keepRequest(proposed, edited);
        }
        return records;
      } catch (error) {
        if (!(error instanceof ImageDeliveryFailedError)) {
          throw error;
        }
        proposed = await retryWithOtherDelivery(services, proposed, error);
      }
    }
  }
}

/**
 * Submits what the user has seen with its price and agreed to in a question of the caller, after `confirmFlags`. The
 * daily budget is asked about first, and a first frame that cannot be delivered can go another way.
 *
 * @param price of each task as it was shown
 * @returns `undefined` when the user gave up; nothing of this request was ordered then
 */
export async function submitAgreed(
  services: ExtensionServices,
  request: GenerationRequest,
  price: number | undefined,
): Promise<TaskRecord[] | undefined> {
  for (let proposed = request; ;) {
    const { goOn, agreed } = await confirmBudget(services, [{ request: proposed, price }]);
    if (!goOn) {
      return undefined;
    }
    try {
      return await submit(services, proposed, price, { agreed });
    } catch (error) {
      if (!(error instanceof ImageDeliveryFailedError)) {
        throw error;
      }
      const other = await retryWithOtherDelivery(services, proposed, error);
      if (other === proposed) {
        return undefined;
      }
      proposed = other;
    }
  }
}

const STATUS_MS = 5_000;
/** A message about a lost answer waits for the balance no longer than this. */
const HINT_PATIENCE_MS = 5_000;

/**
 * Submits what the user confirmed, and shows the outcome. The only way to an order: the daily budget is held to it here.
 *
 * @param price of each task as it was shown, in roubles; stored in the record
 * @returns the records of all tasks, also of those that failed; `undefined` when there was a question once more, since
 * others had spent meanwhile, and the user did not agree: the prompts stay in the list
 * @throws {ImageDeliveryFailedError} when a first frame could not be delivered; nothing was submitted then
 */
export function submit(
  services: ExtensionServices,
  request: GenerationRequest,
  price: number | undefined,
  spender: SubmitOptions = {},
): Promise<TaskRecord[] | undefined> {
  return submitAll(services, [{ request, price }], spender);
}

interface SubmitOptions extends Pick<Spender, 'agreed' | 'account' | 'onReserved'> {
  /** Asks about the daily budget in another way than by a dialog. */
  ask?: Spender['ask'];
}

/** The same for several requests that the user has agreed to together: the budget is held against their sum. */
export async function submitAll(
  services: ExtensionServices,
  orders: readonly PricedRequest[],
  spender: SubmitOptions = {},
): Promise<TaskRecord[] | undefined> {
  const records = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    const ready = await deliverFramesIfAny(
      services,
      orders.flatMap(({ request }) => request.frames),
    );
    const intents = orders.flatMap(({ request, price, known }) =>
      request.tasks.map(({ prompt, aspectRatio, frame }): GenerationIntent => {
        const readyFrame = frame && ready.get(frame);
        return {
          model: request.model,
          prompt,
          aspectRatio,
          ...(readyFrame ? { frame: readyFrame } : {}),
          ...(price === undefined ? {} : { quotedPrice: price }),
          ...(request.shot === undefined ? {} : { shot: { ...request.shot, known } }),
        };
      }),
    );
    return services.submission.generate(
      intents,
      ({ id }) => services.notifier.watchTask(id),
      (id, error) => rememberSuggestedModels(services, id, error),
      {
        ...spender,
        dailyBudget: () => readSettings().dailyBudget,
        ask: spender.ask ?? ((check) => askAboutBudget(services, check, orders)),
      },
    );
  });
  const wasRefusedByUser = ({ error }: TaskRecord) => error?.kind === 'not-confirmed';
  if (records.every(wasRefusedByUser)) {
    return undefined;
  }
  const troubled = records.filter(
    (record) => (record.state === 'failed' || record.state === 'unknown') && !wasRefusedByUser(record),
  );
  const [first] = troubled;
  if (first?.error) {
    // Not awaited: it fetches the balance, and changes nothing about the tasks.
    void showFailures(services, first.error, first, troubled.length);
  }
  const sent = records.filter(({ gatewayId }) => gatewayId !== undefined).length;
  if (sent > 0) {
    vscode.window.setStatusBarMessage(
      `$(cloud-upload) ${vscode.l10n.t('Seedance: videos on their way: {0}', sent)}`,
      STATUS_MS,
    );
  }
  return records;
}

/**
 * The models that the service suggested when it refused one, by task. Only for this session: the record stores only the
 * beginning of the list, and the next catalog is more current.
 */
const suggestedModels = new Map<string, readonly ModelInfo[]>();

/** Returns the models that the service suggested when it refused a task, if it did in this session. */
export function getSuggestedModels(id: string): readonly ModelInfo[] | undefined {
  return suggestedModels.get(id);
}

/** Shows why an image could not be delivered, and asks for another way. */
async function retryWithOtherDelivery(
  services: ExtensionServices,
  request: GenerationRequest,
  { message }: ImageDeliveryFailedError,
): Promise<GenerationRequest> {
  void vscode.window.showWarningMessage(`${vscode.l10n.t('The first frame could not be sent.')} ${message}`);
  const images = request.frames.map(({ image }) => image);
  const delivery = request.frames.find(({ image }) => isImageFile(image))?.delivery;
  if (delivery === undefined) {
    return request;
  }
  const frames = await chooseDeliveryForAll(services, images, { failed: { delivery, reason: message } });
  return Array.isArray(frames) ? request.with({ frames }) : request;
}

/** Does not read the settings of image deliveries when there is no first frame. */
function deliverFramesIfAny(
  services: ExtensionServices,
  frames: readonly SelectedFrame[],
): Promise<ReadonlyMap<SelectedFrame, DeliveredFrame>> {
  return frames.length === 0 ? Promise.resolve(new Map()) : deliverFirstFrames(services, frames);
}

async function showFailures(
  services: ExtensionServices,
  error: TaskError,
  record: TaskRecord,
  count: number,
): Promise<void> {
  if (isModelRefused(error)) {
    // The catalog that the model was chosen from is out of date.
    void services.modelCatalog.refresh({ force: true });
  }
  const balance = error.kind === 'insufficient-balance' ? await fetchBalance(services) : undefined;
  if (record.state === 'unknown') {
    // Whether it was probably charged belongs into the same message, if the service tells soon.
    await Promise.race([services.submission.whenCompared(record.id), sleep(systemClock, HINT_PATIENCE_MS)]);
  }
  const newest = services.store.get(record.id) ?? record;
  showTaskError(
    newest.error ?? error,
    newest.error ? newest : record,
    count,
    balance && getMissingMessage(balance, record.quotedPrice),
  );
}

/**
 * Delivers the first frames one after the other.
 *
 * @throws {ImageDeliveryFailedError} when one of them could not be delivered
 */
async function deliverFirstFrames(
  services: ExtensionServices,
  frames: readonly SelectedFrame[],
): Promise<Map<SelectedFrame, DeliveredFrame>> {
  const ready = new Map<SelectedFrame, DeliveredFrame>();
  assertInlineSize(frames);
  for (const frame of frames) {
    ready.set(frame, await deliverOne(services, frame));
  }
  assertDistinctUrls([...ready.values()]);
  return ready;
}

/** An upload server that returns the same URL for all images would lead to paid videos of the wrong image. */
function assertDistinctUrls(frames: readonly DeliveredFrame[]): void {
  const hashes = new Map<string, string>();
  for (const { image, firstFrame } of frames) {
    // A bare link has no hash: it is sent as the user entered it.
    const { hash = hashes.get(image) } = firstFrame;
    if (hash !== (hashes.get(image) ?? hash)) {
      throw new ImageDeliveryFailedError(
        `${vscode.l10n.t('The upload gave the same link for different images, so that videos would begin with the wrong one.')} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
      );
    }
    if (hash !== undefined) {
      hashes.set(image, hash);
    }
  }
}

function assertInlineSize(frames: readonly SelectedFrame[]): void {
  const bytes = frames.reduce(
    (sum, { image, delivery }) => sum + (delivery === 'inline' ? (image.file?.facts.bytes ?? 0) : 0),
    0,
  );
  if (bytes > MAX_INLINED_BYTES) {
    throw new ImageDeliveryFailedError(
      `${vscode.l10n.t('The images have {0} together; inside requests go at most {1} at a time.', formatBytes(bytes), formatBytes(MAX_INLINED_BYTES))} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    );
  }
}

async function deliverOne(services: ExtensionServices, { image, delivery }: SelectedFrame): Promise<DeliveredFrame> {
  try {
    return await deliverImage(image, delivery, createDeliveryContext(services));
  } catch (error) {
    const why =
      error instanceof ImageError
        ? describeImageError(error)
        : error instanceof DeliveryError
          ? describeDeliveryError(error)
          : undefined;
    if (why === undefined) {
      throw error;
    }
    services.log.warn(String(error));
    throw new ImageDeliveryFailedError(
      `${escapeForNotification(image.label, 80)}: ${why} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    );
  }
}

/** Remembers the models that the service suggested when it refused a task, if it did. */
export function rememberSuggestedModels(
  services: Pick<ExtensionServices, 'modelCatalog'>,
  id: string,
  error: ApiError,
): void {
  const expected = error.issues.find(({ path }) => path === 'model')?.expected;
  const models =
    expected === undefined ? [] : parseExpectedModels(expected, (model) => services.modelCatalog.priceOf(model));
  // A single name is the name of a type, such as `string`, and no suggestion.
  if (models.length > 1) {
    suggestedModels.set(id, models);
  }
}
