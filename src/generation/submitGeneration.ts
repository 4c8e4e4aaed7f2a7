import * as vscode from 'vscode';
import { readSettings } from '../platform/settings';
import type { TaskRecord, TaskError } from '../tasks/model/taskRecord';
import { ImageDeliveryFailedError, showTaskError } from '../ui/showError';
import { confirmBudget, fetchBalance, getMissingMessage } from './confirmBudget';
import { confirmGeneration } from './confirmGeneration';
import { chooseDeliveryForAll } from './delivery/deliveryPicker';
import { GenerationRequest, isImageFile, type SelectedFrame } from './generationRequest';
import { isModelRefused } from '../messages/taskErrors';
import type { GenerationIntent, DeliveredFrame } from '../tasks/submission/submissionService';
import { TASKS_VIEW } from '../constants';
import { deliverImage } from '../images/delivery/deliver';
import { DeliveryError } from '../images/delivery/deliveryError';
import { ImageError } from '../images/imageError';
import { describeDeliveryError, describeImageError } from '../messages/imageErrors';
import { escapeForNotification } from '../common/text';
import { formatBytes } from '../messages/format';
import { createDeliveryContext } from './delivery/deliveryContext';
import { parseExpectedModels, type ModelInfo } from '../api/models';
import type { ApiError } from '../api/apiError';
import type { ExtensionServices } from '../container';

/** A request with the model and aspect ratio from the settings of a document or folder. */
export function createGenerationRequest(prompts: readonly string[], scope: vscode.Uri | undefined): GenerationRequest {
  const { model, aspectRatio } = readSettings(scope);
  return new GenerationRequest({ prompts, model, aspectRatio, scope });
}

/** Asks the one question and does what was accepted. `undefined`: the user gave up. */
export async function confirmAndSubmit(
  services: ExtensionServices,
  request: GenerationRequest,
): Promise<TaskRecord[] | undefined> {
  for (let proposed = request; ;) {
    const accepted = await confirmGeneration(services, proposed);
    if (accepted === undefined) {
      return undefined;
    }
    // What was typed is not lost: something cheaper may be chosen, or another way for the image.
    proposed = accepted.request;
    if ((await confirmBudget(services, proposed, accepted.price)).goOn) {
      try {
        return await submit(services, proposed, accepted.price);
      } catch (error) {
        if (!(error instanceof ImageDeliveryFailedError)) {
          throw error;
        }
        proposed = await retryWithOtherDelivery(services, proposed, error);
      }
    }
  }
}

const STATUS_MS = 5_000;

/**
 * Sends what the user has accepted, and tells how it came out.
 *
 * @param price of each task, as it was shown; it is kept on the record
 * @returns the records, whatever became of them
 * @throws {NotDelivered} when a first frame could not be made ready; nothing was sent then
 */
export async function submit(
  services: ExtensionServices,
  request: GenerationRequest,
  price: number | undefined,
): Promise<TaskRecord[]> {
  const records = await vscode.window.withProgress({ location: { viewId: TASKS_VIEW } }, async () => {
    const ready = await deliverFramesIfAny(services, request);
    const intents = request.tasks.map(({ prompt, aspectRatio, frame }): GenerationIntent => {
      const readyFrame = frame && ready.get(frame);
      return {
        model: request.model,
        prompt,
        aspectRatio,
        ...(readyFrame ? { frame: readyFrame } : {}),
        ...(price === undefined ? {} : { quotedPrice: price }),
      };
    });
    return services.submission.generate(
      intents,
      ({ id }) => services.notifier.watchTask(id),
      (id, error) => rememberSuggestedModels(services, id, error),
    );
  });
  const troubled = records.filter(({ state }) => state === 'failed' || state === 'unknown');
  const [first] = troubled;
  if (first?.error) {
    // Fetched only now, and not waited for by the caller: it says nothing new about the tasks.
    void showFailures(services, first.error, first, troubled.length);
  }
  const sent = records.length - troubled.length;
  if (sent > 0) {
    vscode.window.setStatusBarMessage(
      `$(cloud-upload) ${vscode.l10n.t('Seedance: videos on their way: {0}', sent)}`,
      STATUS_MS,
    );
  }
  return records;
}

/**
 * The models that the service named when it refused one, by task. For this session: a record keeps only the
 * beginning of the list, and tomorrow's catalogue is the better one anyway.
 */
const suggestedModels = new Map<string, readonly ModelInfo[]>();

export function getSuggestedModels(id: string): readonly ModelInfo[] | undefined {
  return suggestedModels.get(id);
}

/** Says why an image did not get through, and lets it be sent in another way; then the question comes again. */
async function retryWithOtherDelivery(
  services: ExtensionServices,
  request: GenerationRequest,
  { message }: ImageDeliveryFailedError,
): Promise<GenerationRequest> {
  const another = vscode.l10n.t('Send it in another way…');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The first frame could not be sent.'),
    { modal: true, detail: message },
    another,
  );
  const images = request.frames.map(({ image }) => image);
  if (choice !== another || !images.some(isImageFile)) {
    return request;
  }
  const frames = await chooseDeliveryForAll(services, images, { ask: true });
  return Array.isArray(frames) ? request.with({ frames }) : request;
}

/** What has no first frame does not read how one gets to the service. */
function deliverFramesIfAny(
  services: ExtensionServices,
  { frames }: GenerationRequest,
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
    // The list that the model was chosen from is evidently out of date.
    void services.modelCatalog.refresh({ force: true });
  }
  const balance = error.kind === 'insufficient-balance' ? await fetchBalance(services) : undefined;
  showTaskError(error, record, count, balance && getMissingMessage(balance, record.quotedPrice));
}

/**
 * Brings every first frame to where the service can read it, one after the other.
 *
 * @throws {ImageDeliveryFailedError} when one of them did not get there; nothing was sent to the service then
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

/** A server that answers with one address for all would make paid videos of the wrong image. */
function assertDistinctUrls(frames: readonly DeliveredFrame[]): void {
  const hashes = new Map<string, string>();
  for (const { image, firstFrame } of frames) {
    // Of a bare link there is none: it is sent as the user gave it.
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

/** All of them are in memory at once, a third larger than the files. */
const MAX_INLINED_BYTES = 200 * 1024 * 1024;

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

/** Keeps the list of a refusal, if there is one in it. */
export function rememberSuggestedModels(
  services: Pick<ExtensionServices, 'modelCatalog'>,
  id: string,
  error: ApiError,
): void {
  const expected = error.issues.find(({ path }) => path === 'model')?.expected;
  const models =
    expected === undefined ? [] : parseExpectedModels(expected, (model) => services.modelCatalog.priceOf(model));
  // One name is no choice, but the word for a type, such as `string`.
  if (models.length > 1) {
    suggestedModels.set(id, models);
  }
}
