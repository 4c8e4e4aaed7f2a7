import type * as vscode from 'vscode';
import type { AspectRatio } from '../../gateway/aspectRatio';
import type { DeliveryId, FrameImage } from '../../frames/delivery';
import { differsVisibly, nearestAspectRatio } from '../../frames/shape';

/** A first frame with the way in which it will be sent. */
export interface ChosenFrame {
  image: FrameImage;
  delivery: DeliveryId;
}

/** What the person is about to generate: each prompt, with each first frame if there are any. */
export interface Plan {
  prompts: readonly string[];
  frames: readonly ChosenFrame[];
  model: string;
  aspectRatio: AspectRatio;
  /** By hand or by a program: then it holds for every image; else each image has the one that is nearest to it. */
  isRatioChosen?: boolean;
  /** The document or folder whose settings it began with. */
  scope?: vscode.Uri | undefined;
}

export interface PlannedTask {
  prompt: string;
  aspectRatio: AspectRatio;
  frame?: ChosenFrame;
}

export function tasksOfPlan(plan: Plan): PlannedTask[] {
  const { prompts, frames, aspectRatio } = plan;
  return frames.length === 0
    ? prompts.map((prompt) => ({ prompt, aspectRatio }))
    : frames.flatMap((frame) => prompts.map((prompt) => ({ prompt, aspectRatio: aspectRatioFor(plan, frame), frame })));
}

/** What the video from a first frame will be asked to be. Of a bare link the size is not known. */
export function aspectRatioFor({ aspectRatio, isRatioChosen }: Plan, { image }: ChosenFrame): AspectRatio {
  return image.file && isRatioChosen !== true ? nearestAspectRatio(image.file.facts) : aspectRatio;
}

/** Each that the tasks of a plan will have, once. */
export function aspectRatiosOf(plan: Plan): AspectRatio[] {
  return [...new Set(tasksOfPlan(plan).map(({ aspectRatio }) => aspectRatio))];
}

/** Frames whose image is of visibly another shape than its video is to be. */
export function misfits(plan: Plan): ChosenFrame[] {
  return plan.frames.filter(
    (frame) => frame.image.file && differsVisibly(frame.image.file.facts, aspectRatioFor(plan, frame)),
  );
}

/** The images that "Crop or pad…" is about: those of another shape than their video, or else whichever is a file. */
export function croppable(plan: Plan): ChosenFrame[] {
  const others = misfits(plan);
  return others.length > 0 ? others : plan.frames.filter(({ image }) => isFile(image));
}

/** Of others there is a link and nothing else. */
export function isFile({ file }: FrameImage): boolean {
  return file !== undefined;
}

/** Roubles for all of it; `undefined` when the price of the model is not known. */
export function sumOf(plan: Plan, price: number | undefined): number | undefined {
  return price === undefined ? undefined : price * tasksOfPlan(plan).length;
}

/**
 * Whether a generation that a program asked for has to be confirmed by the person.
 *
 * @param price of each of its tasks: `confirmAbove` is about one generation
 */
export function needsConfirmation(price: number | undefined, confirmAbove: number): boolean {
  return price === undefined || price > confirmAbove;
}
