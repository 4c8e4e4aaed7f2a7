import type * as vscode from 'vscode';
import type { AspectRatio } from '../api/aspectRatio';
import type { SourceImage } from '../images/delivery/types';
import { differsVisibly, getNearestAspectRatio } from '../images/cropGeometry';
import { cleanPrompt } from '../tasks/model/prompt';
import type { TaskShot } from '../tasks/model/taskRecord';
import type { Limit } from '../tasks/spending/limit';
import type { DeliveryId } from '../images/delivery/deliver';

/** A first frame, and how it will get to the service. */
export interface SelectedFrame {
  image: SourceImage;
  delivery: DeliveryId;
}

/** One video of a request. */
export interface RequestedTask {
  prompt: string;
  aspectRatio: AspectRatio;
  frame?: SelectedFrame | undefined;
}

/** Why a request begins with its model, if that is not the one for new videos, or not the one that was wanted. */
export type ModelNote =
  /** It is the model of the video that is continued. */
  | { kind: 'continued' }
  /** The service no longer lists the wanted model, and this is the nearest. */
  | { kind: 'replaced'; wanted: string }
  /** The model of the video that is repeated or continued is not known. */
  | { kind: 'unknown' };

/** What the prompts were taken from, where that was more than text. */
export interface PromptSource {
  /** The texts as they were selected, for who wants them to be sent so. */
  raw?: readonly string[];
  /** What every prompt ends with, because a line of the text says so. */
  style?: string | undefined;
  /** The headings of the prompts, which are not sent. */
  titles?: readonly (string | undefined)[];
}

/** The properties of a request, which `GenerationRequest.with` can change. */
export interface GenerationRequestOptions {
  prompts: readonly string[];
  promptSource?: PromptSource | undefined;
  frames?: readonly SelectedFrame[] | undefined;
  model: string;
  /** About `model`; a change of the one ends the other. */
  modelNote?: ModelNote | undefined;
  aspectRatio: AspectRatio;
  /** The user or a program chose the ratio: it holds for every image. Otherwise each image gets its nearest ratio. */
  isRatioChosen?: boolean | undefined;
  /** The document or folder whose settings the request began with. */
  scope?: vscode.Uri | undefined;
  /** A picture of the video that is generated again, to be shown beside its prompt. */
  poster?: vscode.Uri | undefined;
  /** The shot of a storyboard that its videos are takes of. */
  shot?: TaskShot | undefined;
}

/** A request, and what its user has seen of it. */
export interface PricedRequest {
  request: GenerationRequest;
  /** Of each of its videos, in roubles, as it was shown; `undefined` when unknown. */
  price: number | undefined;
  /** For a shot: the tasks of its storyboard that were known. Another of the same shot is another window's. */
  known?: readonly string[] | undefined;
}

/** Roubles for all of them; `undefined` when the price of one is not known. */
export function getSum(orders: readonly PricedRequest[]): number | undefined {
  const sums = orders.map(({ request, price }) => request.totalPrice(price));
  return sums.every((sum) => sum !== undefined) ? sums.reduce((sum, one) => sum + one, 0) : undefined;
}

/** What the user is about to generate: each prompt, with each first frame if there are any. Immutable. */
export class GenerationRequest {
  readonly prompts: readonly string[];
  readonly promptSource: PromptSource | undefined;
  readonly frames: readonly SelectedFrame[];
  readonly model: string;
  readonly modelNote: ModelNote | undefined;
  readonly aspectRatio: AspectRatio;
  readonly isRatioChosen: boolean;
  readonly scope: vscode.Uri | undefined;
  readonly poster: vscode.Uri | undefined;
  readonly shot: TaskShot | undefined;

  constructor({
    prompts,
    promptSource,
    frames = [],
    model,
    modelNote,
    aspectRatio,
    isRatioChosen = false,
    scope,
    poster,
    shot,
  }: GenerationRequestOptions) {
    // Shown, priced, sent and kept is the same text, wherever it came from.
    this.prompts = prompts.map(cleanPrompt);
    this.promptSource = promptSource;
    this.frames = frames;
    this.model = model;
    this.modelNote = modelNote;
    this.aspectRatio = aspectRatio;
    this.isRatioChosen = isRatioChosen;
    this.scope = scope;
    this.poster = poster;
    this.shot = shot;
  }

  /** A copy with some of the properties changed. */
  with(changes: Partial<GenerationRequestOptions>): GenerationRequest {
    const isOtherModel = changes.model !== undefined && changes.model !== this.model;
    return new GenerationRequest({ ...this, ...(isOtherModel ? { modelNote: undefined } : {}), ...changes });
  }

  get tasks(): RequestedTask[] {
    const { prompts, frames, aspectRatio } = this;
    return frames.length === 0
      ? prompts.map((prompt) => ({ prompt, aspectRatio }))
      : frames.flatMap((frame) =>
          prompts.map((prompt) => ({ prompt, aspectRatio: this.aspectRatioFor(frame), frame })),
        );
  }

  /** The aspect ratio of the videos that begin with a frame. The size of a bare link is not known. */
  aspectRatioFor({ image }: SelectedFrame): AspectRatio {
    return image.file && !this.isRatioChosen ? getNearestAspectRatio(image.file.facts) : this.aspectRatio;
  }

  /** The aspect ratios of all tasks, without duplicates. */
  get aspectRatios(): AspectRatio[] {
    return [...new Set(this.tasks.map(({ aspectRatio }) => aspectRatio))];
  }

  /** Frames whose image visibly differs in shape from the video that begins with it. */
  get mismatchedFrames(): SelectedFrame[] {
    return this.frames.filter(
      (frame) => frame.image.file && differsVisibly(frame.image.file.facts, this.aspectRatioFor(frame)),
    );
  }

  /** The frames that "Crop or pad…" opens: those that do not match their video, or else all that are files. */
  get croppableFrames(): SelectedFrame[] {
    const mismatched = this.mismatchedFrames;
    return mismatched.length > 0 ? mismatched : this.frames.filter(({ image }) => isImageFile(image));
  }

  /**
   * Roubles for all tasks; `undefined` when the price of the model is not known. A price of 0 is none.
   *
   * @param price of one task, in roubles
   */
  totalPrice(price: number | undefined): number | undefined {
    return price === undefined || price === 0 ? undefined : price * this.tasks.length;
  }
}

/** Whether the bytes of an image can be read here. Otherwise there is only a link. */
export function isImageFile({ file }: SourceImage): boolean {
  return file !== undefined;
}

/**
 * Whether the user must confirm a generation that a program asked for.
 *
 * @param price of each task, in roubles: `confirmAbove` is about one generation
 */
export function needsConfirmation(price: number | undefined, confirmAbove: Limit): boolean {
  return price === undefined || price === 0 || confirmAbove === 'unreadable' || price > confirmAbove;
}
