import type * as vscode from 'vscode';
import type { AspectRatio } from '../api/aspectRatio';
import type { DeliveryId, SourceImage } from '../images/delivery/deliver';
import { differsVisibly, getNearestAspectRatio } from '../images/cropGeometry';

/** A first frame with the way in which it will be sent. */
export interface SelectedFrame {
  image: SourceImage;
  delivery: DeliveryId;
}

/** What the user is about to generate: each prompt, with each first frame if there are any. */
export interface GenerationRequest {
  prompts: readonly string[];
  frames: readonly SelectedFrame[];
  model: string;
  aspectRatio: AspectRatio;
  /** By hand or by a program: then it holds for every image; else each image has the one that is nearest to it. */
  isRatioChosen?: boolean;
  /** The document or folder whose settings it began with. */
  scope?: vscode.Uri | undefined;
}

export interface RequestedTask {
  prompt: string;
  aspectRatio: AspectRatio;
  frame?: SelectedFrame;
}

export function expandTasks(plan: GenerationRequest): RequestedTask[] {
  const { prompts, frames, aspectRatio } = plan;
  return frames.length === 0
    ? prompts.map((prompt) => ({ prompt, aspectRatio }))
    : frames.flatMap((frame) =>
        prompts.map((prompt) => ({ prompt, aspectRatio: getAspectRatioFor(plan, frame), frame })),
      );
}

/** What the video from a first frame will be asked to be. Of a bare link the size is not known. */
export function getAspectRatioFor(
  { aspectRatio, isRatioChosen }: GenerationRequest,
  { image }: SelectedFrame,
): AspectRatio {
  return image.file && isRatioChosen !== true ? getNearestAspectRatio(image.file.facts) : aspectRatio;
}

/** Each that the tasks of a plan will have, once. */
export function getAspectRatios(plan: GenerationRequest): AspectRatio[] {
  return [...new Set(expandTasks(plan).map(({ aspectRatio }) => aspectRatio))];
}

/** Frames whose image is of visibly another shape than its video is to be. */
export function getMismatchedFrames(plan: GenerationRequest): SelectedFrame[] {
  return plan.frames.filter(
    (frame) => frame.image.file && differsVisibly(frame.image.file.facts, getAspectRatioFor(plan, frame)),
  );
}

/** The images that "Crop or pad…" is about: those of another shape than their video, or else whichever is a file. */
export function getCroppableFrames(plan: GenerationRequest): SelectedFrame[] {
  const others = getMismatchedFrames(plan);
  return others.length > 0 ? others : plan.frames.filter(({ image }) => isImageFile(image));
}

/** Of others there is a link and nothing else. */
export function isImageFile({ file }: SourceImage): boolean {
  return file !== undefined;
}

/** Roubles for all of it; `undefined` when the price of the model is not known. */
export function getTotalPrice(plan: GenerationRequest, price: number | undefined): number | undefined {
  return price === undefined ? undefined : price * expandTasks(plan).length;
}

/**
 * Whether a generation that a program asked for has to be confirmed by the user.
 *
 * @param price of each of its tasks: `confirmAbove` is about one generation
 */
export function needsConfirmation(price: number | undefined, confirmAbove: number): boolean {
  return price === undefined || price > confirmAbove;
}
