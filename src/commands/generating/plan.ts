import type * as vscode from 'vscode';
import type { AspectRatio } from '../../gateway/aspectRatio';
import type { DeliveryId, FrameImage } from '../../frames/delivery';

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
  /** The document or folder whose settings it began with. */
  scope?: vscode.Uri | undefined;
}

export interface PlannedTask {
  prompt: string;
  frame?: ChosenFrame;
}

export function tasksOfPlan({ prompts, frames }: Plan): PlannedTask[] {
  return frames.length === 0
    ? prompts.map((prompt) => ({ prompt }))
    : frames.flatMap((frame) => prompts.map((prompt) => ({ prompt, frame })));
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
