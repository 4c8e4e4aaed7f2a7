import * as vscode from 'vscode';
import { DELIVERY_IDS, type DeliveryId } from '../images/delivery/deliver';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { assertNoPage, createImageFromUrl, parseImageUrl } from '../images/delivery/imageUrl';
import { describeImageError } from '../messages/imageErrors';
import { describeBalance } from '../messages/taskErrors';
import { formatRoubles, formatModelTitle } from '../messages/format';
import { escapeCodicons, escapeForNotification } from '../common/text';
import { readImageFile } from '../platform/imageFile';
import { exists } from '../platform/workspaceFiles';
import type { FirstFrame, TaskRecord } from '../tasks/model/taskRecord';
import { chooseDelivery, isInlineUploadConfirmed } from '../generation/delivery/deliveryPicker';
import {
  confirmAndSubmit,
  confirmAndSubmitDraft,
  createGenerationRequest,
  getSuggestedModels,
} from '../generation/submitGeneration';
import { pickFirstFrame, resolveFirstFrameArgument } from '../generation/imagePicker';
import { proposeModel } from '../generation/modelOfTask';
import { pickModel } from '../generation/modelPicker';
import type { SelectedFrame } from '../generation/generationRequest';
import { requirePrompt } from '../generation/promptText';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { requireKnownPlace } from '../ui/confirmPlace';
import { BACK, confirm, type InputResult } from '../ui/quickInput';
import { generateSeveralAgain } from './generateSeveralAgain';
import { areOfOneRow, requireCapability, resolveTask, resolveTasks } from './taskArguments';
import { findVideoFile, getUnknownFileError, type VideoMetadata } from './videoFile';

/** Opens the confirmation with the values of an existing task, which stays as it is. Several are asked about together. */
export async function generateAgain(
  services: ExtensionServices,
  argument: unknown,
  how?: unknown,
): Promise<string | undefined> {
  if (argument instanceof vscode.Uri) {
    const found = await findVideoFile(services, argument);
    if (!found) {
      throw getUnknownFileError(argument);
    }
    return found.record
      ? generateAgain(services, found.record.id)
      : generateFromMetadata(services, argument, found.metadata);
  }
  const records = await resolveTasks(services, argument, how);
  if (records.length > 1 && !areOfOneRow(services, argument, records)) {
    const ids = await generateSeveralAgain(services, records, ({ request }) =>
      request.firstFrame ? restoreFirstFrame(services, request.firstFrame, false) : Promise.resolve([]),
    );
    return ids?.[0];
  }
  const record = await resolveTask(services, argument, how, 'retryable');
  const { prompt, model, aspectRatio, firstFrame } = record.request;
  requireCapability(services, record, 'retryable', vscode.l10n.t('The prompt of this task is not known yet.'));
  if (record.state === 'unknown' && !(await confirmPossibleDoubleCharge(record))) {
    return undefined;
  }
  // Not by `needsApiKey`: a task that cannot be generated again, or should not be, is found out first.
  await requireApiKey(services);
  const poster = await services.posters.find(record.id);
  const [chooses, choosesModel] = [hasOption(how, 'chooseDelivery'), hasOption(how, 'chooseModel')];
  for (;;) {
    const frames = firstFrame ? await restoreFirstFrame(services, firstFrame, chooses) : [];
    if (frames === undefined) {
      return undefined;
    }
    const defaults = createGenerationRequest(services, [prompt], undefined);
    const chosenModel = choosesModel ? await pickSuggestedModel(services, record) : '';
    if (chosenModel === undefined) {
      return undefined;
    }
    const request = defaults.with({
      frames,
      ...(chosenModel === '' ? proposeModel(services, model, defaults.model) : { model: chosenModel }),
      aspectRatio: aspectRatio ?? defaults.aspectRatio,
      isRatioChosen: aspectRatio !== undefined,
      poster: poster === undefined ? undefined : vscode.Uri.file(poster),
      // Another take of the same shot.
      shot: record.shot,
    });
    const back = choosesModel || (chooses && frames.length > 0);
    const records = await confirmAndSubmitDraft(services, request, undefined, back);
    if (records !== BACK) {
      return records?.[0]?.id;
    }
  }
}

/** Generates a video again of which only the JSON beside the file is known: it was made on another computer. */
async function generateFromMetadata(
  services: ExtensionServices,
  video: vscode.Uri,
  { prompt, model, aspectRatio, firstFrame }: VideoMetadata,
): Promise<string | undefined> {
  await requireApiKey(services);
  const frames = firstFrame ? await findFirstFrame(services, video, firstFrame.source) : [];
  if (frames === undefined) {
    return undefined;
  }
  const defaults = createGenerationRequest(services, [requirePrompt(prompt)], video);
  const request = defaults.with({
    frames,
    ...proposeModel(services, model ?? '', defaults.model),
    aspectRatio: aspectRatio ?? defaults.aspectRatio,
    isRatioChosen: aspectRatio !== undefined,
  });
  return (await confirmAndSubmit(services, request))?.[0]?.id;
}

/** @param source a link, or a path from the folder of the video, and never out of the workspace folder */
async function findFirstFrame(
  services: ExtensionServices,
  video: vscode.Uri,
  source: string,
): Promise<readonly SelectedFrame[] | undefined> {
  if (parseImageUrl(source) !== undefined) {
    return resolveFirstFrameArgument(services, source);
  }
  const uri = vscode.Uri.joinPath(video, '..', source.replaceAll('\\', '/'));
  const folder = vscode.workspace.getWorkspaceFolder(video);
  const isInFolder = folder && vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() === folder.uri.toString();
  if (isInFolder && (await exists(uri).catch(() => false))) {
    return resolveFirstFrameArgument(services, uri);
  }
  const isWithout = await confirm(
    vscode.l10n.t('The first frame of this video is not in the workspace: {0}', escapeForNotification(source, 80)),
    vscode.l10n.t('Without it, another video comes out. No video was requested, and nothing was charged.'),
    vscode.l10n.t('Go on without it'),
  );
  return isWithout ? [] : undefined;
}

/** Reads an option that the buttons of error messages pass. The tree passes its selection as the same argument. */
function hasOption(how: unknown, what: 'chooseModel' | 'chooseDelivery'): boolean {
  return typeof how === 'object' && how !== null && (how as Record<string, unknown>)[what] === true;
}

async function pickSuggestedModel(
  services: ExtensionServices,
  { id, request: { model } }: TaskRecord,
): Promise<string | undefined> {
  const picked = await pickModel(services, model, {
    models: getSuggestedModels(id),
    without: model,
    placeholder: vscode.l10n.t('The service refused {0}. Another model:', escapeCodicons(formatModelTitle(model), 60)),
  });
  if (typeof picked !== 'string') {
    return undefined;
  }
  services.defaults.remember({ model: picked });
  return picked;
}

/** The lost response may have been "accepted", so the user decides whether to risk a second charge. */
async function confirmPossibleDoubleCharge(record: TaskRecord): Promise<boolean> {
  const again = vscode.l10n.t('Generate again');
  const addId = vscode.l10n.t('Add its ID…');
  const price = record.quotedPrice;
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('This video may already be on its way.'),
    {
      modal: true,
      detail: [
        price === undefined
          ? vscode.l10n.t(
              'No answer came to the request, so it may have been charged. Generating again may cost a second time.',
            )
          : vscode.l10n.t(
              'No answer came to the request, so {0} may have been charged. Generating again may cost it a second time.',
              formatRoubles(price),
            ),
        describeBalance(record) ?? '',
        vscode.l10n.t('If you find the task in your account at the service, add its ID instead.'),
      ]
        .filter((text) => text !== '')
        .join(' '),
    },
    // The first button is the default: a quick Enter must cost nothing.
    addId,
    again,
  );
  if (choice === addId) {
    await vscode.commands.executeCommand(Commands.addId, record.id);
  }
  return choice === again;
}

/** @param otherwise whether the user wants another delivery than the one that was used */
async function restoreFirstFrame(
  services: ExtensionServices,
  frame: FirstFrame,
  otherwise: boolean,
): Promise<readonly SelectedFrame[] | undefined> {
  try {
    if (otherwise) {
      const frames = await retryWithOtherDelivery(services, frame);
      return frames === BACK ? undefined : frames;
    }
    const delivery = getDelivery(frame);
    const image = await restoreImage(frame, delivery === 'link');
    // An imported task may have a delivery of a later version, or a file that has never left this computer. The link to
    // a file may have been a ticket.
    const hasNoLink = delivery === 'link' && image.link === undefined;
    if (delivery === undefined || hasNoLink || (delivery === 'inline' && !isInlineUploadConfirmed(services))) {
      const frames = await chooseDelivery(services, [image], { ask: true });
      return frames === BACK ? undefined : frames;
    }
    return [{ image, delivery }];
  } catch (error) {
    if (!(error instanceof ImageError)) {
      throw error;
    }
    return replaceFirstFrame(services, frame, error);
  }
}

/** The way that the image of a task was sent; `undefined` when this version does not know it. */
function getDelivery({ delivery, link }: FirstFrame): DeliveryId | undefined {
  return DELIVERY_IDS.find((id) => id === delivery) ?? (link === undefined ? undefined : 'link');
}

async function retryWithOtherDelivery(
  services: ExtensionServices,
  frame: FirstFrame,
): Promise<InputResult<readonly SelectedFrame[]>> {
  return parseImageUrl(frame.source) === undefined || frame.isLinkSecret
    ? chooseDelivery(services, [await restoreImage(frame, false)], {
        ask: true,
        failed: {
          delivery: getDelivery(frame),
          reason: vscode.l10n.t('The service refused the image when it was sent this way.'),
        },
      })
    : pickFirstFrame(services, [{ image: createImageFromUrl(frame.source), delivery: 'link' }]);
}

/** Reads the image of a task. With a link the file is not needed, and not read. */
async function restoreImage(
  { source, label, link, isLinkSecret, from, hash, thumbnail }: FirstFrame,
  byLink: boolean,
): Promise<SourceImage> {
  if (byLink && link !== undefined) {
    // Of an older version or an import it may lead to a page.
    assertNoPage(link);
    return { ...createImageFromUrl(link), source, label, from, thumbnail };
  }
  if (isLinkSecret && parseImageUrl(source) !== undefined) {
    throw new ImageError('secret-link', {});
  }
  const image = await readImageFile(await resolveSource(source));
  if (hash === undefined) {
    // Without a hash the file may have changed, so the old thumbnail is not used.
    return { ...image, source, label, from };
  }
  // The user sees what will be sent now, not what was sent then.
  return image.file?.hash === hash
    ? { ...image, source, label, from, thumbnail }
    : { ...image, source, label, hasChanged: true };
}

/** Where the image of a task is, if it may be opened. */
async function resolveSource(source: string): Promise<vscode.Uri> {
  const uri = parseUri(source);
  await requireKnownPlace(uri, source, vscode.l10n.t('The first frame is not a file of this computer.'));
  return uri;
}

function parseUri(source: string): vscode.Uri {
  try {
    return vscode.Uri.parse(source, true);
  } catch {
    throw new ImageError('unreadable', {});
  }
}

/** Asks what to do without the image: generating without one would silently make a different video. */
async function replaceFirstFrame(
  services: ExtensionServices,
  frame: FirstFrame,
  error: ImageError,
): Promise<readonly SelectedFrame[] | undefined> {
  const another = vscode.l10n.t('Choose another image');
  const without = vscode.l10n.t('Go on without it');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The first frame can no longer be used: {0}', escapeForNotification(frame.label, 80)),
    {
      modal: true,
      detail: `${describeImageError(error)} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    },
    another,
    without,
  );
  if (choice === without) {
    return [];
  }
  const frames = choice === another ? await pickFirstFrame(services, []) : undefined;
  return frames === BACK ? undefined : frames;
}
