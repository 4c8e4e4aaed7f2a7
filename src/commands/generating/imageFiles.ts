import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import { FrameError } from '../../frames/errors';
import { nearestAspectRatio } from '../../frames/shape';
import { explainFrameError } from '../../platform/frameText';
import { inMessage } from '../../platform/foreignText';
import { readCandidate, type Candidate } from '../../platform/imageFile';
import { Commands } from '../ids';
import type { Rooms } from '../rooms';
import { confirm } from '../steps';
import { Told } from '../tellError';

/** Passed to the command `useAsFirstFrame` by the button of a message: asks for a file. */
export const CHOOSE_FILE = 'choose';

/**
 * Checks files as the service would, and lets the person mend what is only too large or of a wrong shape. All
 * of them have to be fit in the end: nothing is sent for some of several.
 *
 * @returns `undefined` when the person gave up
 */
export async function readImageFiles(
  rooms: Pick<Rooms, 'cropper'>,
  uris: readonly vscode.Uri[],
): Promise<FrameImage[] | undefined> {
  const candidates: Candidate[] = [];
  const problems: string[] = [];
  for (const uri of uris) {
    try {
      const candidate = await candidateOf(uri);
      if (candidate === undefined) {
        return undefined;
      }
      candidates.push(candidate);
    } catch (error) {
      if (!(error instanceof FrameError)) {
        throw error;
      }
      problems.push(`${inMessage(nameOf(uri), 80)}: ${explainFrameError(error)}`);
    }
  }
  if (problems.length > 0) {
    throw new Told(
      `${problems.slice(0, 3).join(' ')} ${vscode.l10n.t('So it cannot be a first frame. Nothing was sent.')}`,
      { title: vscode.l10n.t('Choose another image'), command: Commands.useAsFirstFrame, arguments: [CHOOSE_FILE] },
    );
  }
  const images: FrameImage[] = [];
  for (const { image, problem } of candidates) {
    const fit = problem ? await mend(rooms, image, problem) : image;
    if (fit === undefined) {
      return undefined;
    }
    images.push(fit);
  }
  return images;
}

function mend(rooms: Pick<Rooms, 'cropper'>, image: FrameImage, problem: FrameError): Promise<FrameImage | undefined> {
  return rooms.cropper.open({
    image,
    reason: explainFrameError(problem),
    aspectRatio: problem.kind === 'ratio' && image.file ? nearestAspectRatio(image.file.facts) : undefined,
  });
}

/** A link out of the workspace is followed when the person has seen where it leads. */
async function candidateOf(uri: vscode.Uri): Promise<Candidate | undefined> {
  try {
    return await readCandidate(uri);
  } catch (error) {
    const path = error instanceof FrameError && error.kind === 'leads-outside' ? error.facts.path : undefined;
    if (path === undefined) {
      throw error;
    }
    const isWanted = await confirm(
      vscode.l10n.t('{0} leads to a file outside of the workspace.', inMessage(nameOf(uri), 80)),
      vscode.l10n.t(
        'It is {0}. Use it as a first frame only if you want the service to get that image.',
        inMessage(path, 300),
      ),
      vscode.l10n.t('Use that file'),
    );
    const candidate = isWanted ? await readCandidate(vscode.Uri.file(path)) : undefined;
    return candidate && { ...candidate, image: { ...candidate.image, label: nameOf(uri) } };
  }
}

function nameOf(uri: vscode.Uri): string {
  return uri.path.split('/').at(-1) ?? '';
}
