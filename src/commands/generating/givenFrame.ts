import * as vscode from 'vscode';
import { FrameError } from '../../frames/errors';
import { imageOfLink, parseFrameLink } from '../../frames/link';
import { explainFrameError } from '../../platform/frameText';
import type { Rooms } from '../rooms';
import { BACK } from '../steps';
import { Told } from '../tellError';
import { chooseDelivery } from './deliveryPick';
import { readImageFiles } from './imageFiles';
import type { ChosenFrame } from './plan';

/**
 * The first frame that a program named.
 *
 * @param given the URI of a file, its text, or a link
 * @returns `undefined` when the person gave up
 */
export async function frameOf(rooms: Rooms, given: string | vscode.Uri): Promise<readonly ChosenFrame[] | undefined> {
  if (typeof given === 'string' && parseFrameLink(given) !== undefined) {
    return [{ image: imageOfLink(given), delivery: 'link' }];
  }
  if (typeof given === 'string' && !/^[a-z][a-z0-9+.-]+:\//i.test(given)) {
    throw new Told(explainFrameError(new FrameError('bad-link', {})));
  }
  const images = await readImageFiles(rooms, [typeof given === 'string' ? vscode.Uri.parse(given) : given]);
  const frames = images && (await chooseDelivery(rooms, images));
  return frames === BACK ? undefined : frames;
}
