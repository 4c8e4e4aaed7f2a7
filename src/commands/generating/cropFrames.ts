import { explainMisfit } from '../../platform/frameText';
import type { Rooms } from '../rooms';
import { BACK, type Answer } from '../steps';
import { chooseDelivery } from './deliveryPick';
import { aspectRatioFor, croppable, misfits, type ChosenFrame, type Plan } from './plan';

/** One after the other in the cropper. Who gives up one of several has changed none. */
export async function cropFrames(rooms: Rooms, plan: Plan): Promise<Answer<Plan>> {
  const isMisfit = new Set(misfits(plan));
  const cut = new Map<ChosenFrame, ChosenFrame>();
  for (const frame of croppable(plan)) {
    const aspectRatio = aspectRatioFor(plan, frame);
    const reason =
      frame.image.file && isMisfit.has(frame) ? explainMisfit(frame.image.file.facts, aspectRatio) : undefined;
    const image = await rooms.cropper.open({ image: frame.image, aspectRatio, reason });
    if (image === undefined) {
      return BACK;
    }
    // What is on the web is the image as it was.
    const answer =
      frame.delivery === 'link' ? await chooseDelivery(rooms, [image], { ask: true }) : [{ ...frame, image }];
    if (answer === undefined || answer === BACK) {
      return answer;
    }
    cut.set(frame, answer[0] ?? frame);
  }
  return { ...plan, frames: plan.frames.map((frame) => cut.get(frame) ?? frame) };
}
