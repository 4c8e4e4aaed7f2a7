/** Whether a picture is a frame of a video that the emulator has drawn. */
import assert from 'node:assert/strict';
import { frameAt } from '../emulator/video/frame';
import { sceneOf } from '../emulator/video/scene';
import { decodePng, type Picture } from './png';
import { fixture } from './setup';

/** Of two seconds, at 24 a second. */
export const FRAMES = 48;

/**
 * That an image shows this frame of a task's video, and not the one before or behind it.
 *
 * @param task index of the task at the service
 */
export function assertFrame(image: Buffer, index: number, task = 0): void {
  const picture = decodePng(image);
  const scene = sceneOf(fixture.emulator.tasks.all()[task]!, fixture.emulator.behaviour);
  assert.deepEqual({ width: picture.width, height: picture.height }, { width: scene.width, height: scene.height });
  const away = (at: number) => distance(picture, frameAt(scene, at));
  const distances = [index - 1, index, index + 1]
    .filter((at) => at >= 0 && at < FRAMES)
    .map((at) => [at, away(at)] as const);
  const [nearest] = distances.reduce((one, other) => (other[1] < one[1] ? other : one));
  assert.equal(nearest, index, JSON.stringify(distances));
  assert.ok(away(index) < 4, JSON.stringify(distances));
}

/** The PNG that the n-th request carries as its first frame, counted from 0. */
export function sentImage(index: number): Buffer {
  const body = fixture.emulator.ledger.creates()[index]?.body as { images?: string[] };
  const [, base64 = ''] = /^data:image\/png;base64,(.*)$/.exec(body.images?.[0] ?? '') ?? [];
  return Buffer.from(base64, 'base64');
}

/** How far two pictures are from each other: the mean of all channels, 0 to 255. */
function distance(one: Picture, other: { data: Uint8ClampedArray }): number {
  let sum = 0;
  for (let at = 0; at < one.data.length; at++) sum += Math.abs(one.data[at]! - other.data[at]!);
  return sum / one.data.length;
}
