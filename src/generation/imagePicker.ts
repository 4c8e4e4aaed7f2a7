import * as vscode from 'vscode';
import { BACK, showPick, type InputResult, confirm } from '../ui/quickInput';
import { chooseDelivery, chooseDeliveryForAll, promptForFirstFrameUrl } from './delivery/deliveryPicker';
import { isImageFile, type SelectedFrame, type GenerationRequest } from './generationRequest';
import { describeMismatch, describeImageError } from '../messages/imageErrors';
import { parseImageUrl } from '../images/delivery/imageUrl';
import { createImageFromLink } from './imageLink';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { IMAGE_EXTENSIONS } from '../images/imageNames';
import { getNearestAspectRatio } from '../images/cropGeometry';
import { escapeForNotification } from '../common/text';
import { readCandidate, type Candidate } from '../platform/imageFile';
import { basename } from '../platform/workspaceFiles';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';
import { UserFacingError } from '../ui/showError';

/** Lets the user replace or remove the first frame, or choose another delivery for it. */
export async function pickFirstFrame(
  services: ExtensionServices,
  current: readonly SelectedFrame[],
): Promise<InputResult<readonly SelectedFrame[]>> {
  const images = current.map(({ image }) => image);
  for (;;) {
    const picked = await showPick({
      title: vscode.l10n.t('First frame'),
      back: true,
      items: [
        { label: `$(file-media) ${vscode.l10n.t('Image file…')}`, action: 'file' as const },
        { label: `$(clippy) ${vscode.l10n.t('Paste image…')}`, action: 'paste' as const },
        { label: `$(link) ${vscode.l10n.t('Link to an image…')}`, action: 'link' as const },
        ...(images.some(isImageFile)
          ? [{ label: `$(cloud-upload) ${vscode.l10n.t('Send it in another way…')}`, action: 'delivery' as const }]
          : []),
        ...(current.length > 0
          ? [{ label: `$(close) ${vscode.l10n.t('No first frame')}`, action: 'none' as const }]
          : []),
      ],
    });
    if (picked === undefined || picked === BACK) {
      return picked;
    }
    const frames = await selectFrameBy(services, picked.action, images);
    if (frames !== BACK) {
      return frames;
    }
  }
}

/** Takes a first frame in one of the ways that `pickFirstFrame` offers. `BACK` when the user gave up in it. */
export async function selectFrameBy(
  services: ExtensionServices,
  action: 'file' | 'paste' | 'link' | 'delivery' | 'none',
  images: readonly SourceImage[],
): Promise<InputResult<SelectedFrame[]>> {
  switch (action) {
    case 'none':
      return [];
    case 'delivery':
      return chooseDeliveryForAll(services, images, { ask: true });
    case 'link':
      return promptForFirstFrameUrl();
    case 'paste': {
      const image = await services.cropper.paste();
      return image ? chooseDelivery(services, [image]) : BACK;
    }
    case 'file': {
      const uris = await showImageDialog();
      const chosen = uris && (await readImageFiles(services, uris));
      return chosen === undefined ? BACK : chooseDelivery(services, chosen);
    }
  }
}

/** Opens the cropper for one image after the other. Giving up on one of several changes none. */
export async function cropFrames(
  services: ExtensionServices,
  request: GenerationRequest,
): Promise<InputResult<GenerationRequest>> {
  const mismatched = new Set(request.mismatchedFrames);
  const cropped = new Map<SelectedFrame, SelectedFrame>();
  for (const frame of request.croppableFrames) {
    const aspectRatio = request.aspectRatioFor(frame);
    const reason =
      frame.image.file && mismatched.has(frame) ? describeMismatch(frame.image.file.facts, aspectRatio) : undefined;
    const image = await services.cropper.open({ image: frame.image, aspectRatio, reason });
    if (image === undefined) {
      return BACK;
    }
    // The link leads to the image before cropping, so the new one needs another delivery.
    const answer =
      frame.delivery === 'link' ? await chooseDelivery(services, [image], { ask: true }) : [{ ...frame, image }];
    if (answer === undefined || answer === BACK) {
      return answer;
    }
    cropped.set(frame, answer[0] ?? frame);
  }
  return request.with({ frames: request.frames.map((frame) => cropped.get(frame) ?? frame) });
}

/**
 * Resolves the first frame that a program passed.
 *
 * @param given the URI of a file, its text, or a link
 * @returns `undefined` when the user gave up
 */
export async function resolveFirstFrameArgument(
  services: ExtensionServices,
  given: string | vscode.Uri,
): Promise<readonly SelectedFrame[] | undefined> {
  if (typeof given === 'string' && parseImageUrl(given) !== undefined) {
    const image = await createImageFromLink(given);
    return image && [{ image, delivery: 'link' }];
  }
  if (typeof given === 'string' && !/^[a-z][a-z0-9+.-]+:\//i.test(given)) {
    throw new UserFacingError(describeImageError(new ImageError('bad-link', {})));
  }
  const images = await readImageFiles(services, [typeof given === 'string' ? vscode.Uri.parse(given) : given]);
  const frames = images && (await chooseDelivery(services, images));
  return frames === BACK ? undefined : frames;
}

/** Shows the system's file dialog. `undefined` when the user gave up. */
export async function showImageDialog(): Promise<vscode.Uri[] | undefined> {
  return vscode.window.showOpenDialog({
    title: vscode.l10n.t('First frame'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Images')]: [...IMAGE_EXTENSIONS] },
  });
}

/** The argument with which buttons of messages run `useAsFirstFrame`, so that it asks for a file. */
export const CHOOSE_FILE = 'choose';

/**
 * Reads image files and checks them as the service would. The user can crop those that are only too large or have a
 * wrong shape. All have to be usable in the end: nothing is submitted for some of several.
 *
 * @returns `undefined` when the user gave up
 */
export async function readImageFiles(
  services: Pick<ExtensionServices, 'cropper'>,
  uris: readonly vscode.Uri[],
): Promise<SourceImage[] | undefined> {
  const candidates: Candidate[] = [];
  const problems: string[] = [];
  for (const uri of uris) {
    try {
      const candidate = await readCandidateAskingForLinks(uri);
      if (candidate === undefined) {
        return undefined;
      }
      candidates.push(candidate);
    } catch (error) {
      if (!(error instanceof ImageError)) {
        throw error;
      }
      problems.push(`${escapeForNotification(basename(uri), 80)}: ${describeImageError(error)}`);
    }
  }
  if (problems.length > 0) {
    throw new UserFacingError(
      `${problems.slice(0, 3).join(' ')} ${vscode.l10n.t('So it cannot be a first frame. Nothing was sent.')}`,
      { title: vscode.l10n.t('Choose another image'), command: Commands.useAsFirstFrame, arguments: [CHOOSE_FILE] },
    );
  }
  const images: SourceImage[] = [];
  for (const { image, problem } of candidates) {
    const fit = problem ? await fixImage(services, image, problem) : image;
    if (fit === undefined) {
      return undefined;
    }
    images.push(fit);
  }
  return images;
}

function fixImage(
  services: Pick<ExtensionServices, 'cropper'>,
  image: SourceImage,
  problem: ImageError,
): Promise<SourceImage | undefined> {
  return services.cropper.open({
    image,
    reason: describeImageError(problem),
    aspectRatio: problem.kind === 'ratio' && image.file ? getNearestAspectRatio(image.file.facts) : undefined,
  });
}

/** Follows a symbolic link out of the workspace only after the user has seen where it leads. */
async function readCandidateAskingForLinks(uri: vscode.Uri): Promise<Candidate | undefined> {
  try {
    return await readCandidate(uri);
  } catch (error) {
    const path = error instanceof ImageError && error.kind === 'leads-outside' ? error.facts.path : undefined;
    if (path === undefined) {
      throw error;
    }
    const isWanted = await confirm(
      vscode.l10n.t('{0} leads to a file outside of the workspace.', escapeForNotification(basename(uri), 80)),
      vscode.l10n.t(
        'It is {0}. Use it as a first frame only if you want the service to get that image.',
        escapeForNotification(path, 300),
      ),
      vscode.l10n.t('Use that file'),
    );
    const candidate = isWanted ? await readCandidate(vscode.Uri.file(path)) : undefined;
    return candidate && { ...candidate, image: { ...candidate.image, label: basename(uri) } };
  }
}
