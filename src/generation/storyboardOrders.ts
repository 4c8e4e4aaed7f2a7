import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { createImageFromUrl, parseImageUrl } from '../images/delivery/imageUrl';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import { describeImageError } from '../messages/imageErrors';
import { readImageFile } from '../platform/imageFile';
import { findReferencedFile, getOwnFolder } from '../platform/referencedFiles';
import { readWholeStoryboard } from '../platform/storyboardFiles';
import { escapeForNotification } from '../common/text';
import type { StoryboardReader } from '../storyboard/parse';
import { planRun, type PlanInput, type RunPlan } from '../storyboard/plan';
import type { ResolvedShot } from '../storyboard/resolve';
import { getShotTasks, toTaskShot, type ShotTasks } from '../storyboard/shotTasks';
import { isSavedAt } from '../tasks/model/transitions';
import type { TaskRecord } from '../tasks/model/taskRecord';
import { GenerationRequest, type PricedRequest } from './generationRequest';

/** A shot that is about to be paid for. Its request has no first frame yet where that is the last one of another shot. */
export interface ShotOrder extends PricedRequest {
  shot: ResolvedShot;
  /** The shot whose last frame it begins with. */
  source?: ResolvedShot | undefined;
  /** An image of its own, as its file or link is now. */
  image?: SourceImage | undefined;
  /** Whether `source` has no video yet. */
  isWaiting: boolean;
}

/** A storyboard as it is now, with what is missing of it. */
export interface StoryboardOrders {
  /** URI of the storyboard. */
  uri: string;
  plan: RunPlan;
  tasks: ShotTasks;
  orders: ShotOrder[];
  /** Shots that are missing and cannot be ordered for their image, or that of the one that they continue. */
  unusable: { shot: ResolvedShot; /** A sentence. */ why: string }[];
}

/** Which shots are wanted: without it all that are missing. */
export type WantedShots = Pick<PlanInput, 'only' | 'again' | 'keepsFailed'>;

/** For who reads the same storyboard again and again, and for shots that have no image of their own. */
export interface ReadOptions {
  reader?: StoryboardReader | undefined;
  /** Whether first frames are read. */
  withImages?: boolean;
}

/** Reads what is missing, as it would be paid for. Sends nothing. */
export async function readOrders(
  { modelCatalog, store }: Pick<ExtensionServices, 'modelCatalog' | 'store'>,
  document: vscode.TextDocument,
  wanted: WantedShots = {},
  { reader, withImages = true }: ReadOptions = {},
): Promise<StoryboardOrders> {
  const { resolved, problems } = await readWholeStoryboard(modelCatalog, document, reader);
  const uri = document.uri.toString();
  await store.load();
  const tasks = getShotTasks(resolved, store.list(), uri);
  const plan = planRun({
    ...wanted,
    resolved,
    problems,
    progressOf: ({ shot }) => tasks.progressOf(shot.index),
    priceOf: (model) => modelCatalog.priceOf(model),
  });
  const known = store.list().flatMap(({ id, shot }) => (shot?.document === uri ? [id] : []));
  const orders: ShotOrder[] = [];
  const unusable = new Map<ResolvedShot, string>();
  for (const index of plan.order) {
    const { shot, state, continues, price } = plan.steps[index]!;
    const source = continues === undefined ? undefined : resolved.shots[continues];
    const read = source || !withImages ? {} : await readFirstFrame(document, shot);
    // In the order of the plan a shot comes after the one that it waits for.
    const why =
      read.why ??
      (source &&
        unusable.get(source) &&
        vscode.l10n.t(
          'It begins with the last frame of {0}, which has no take.',
          escapeForNotification(source.identity.label, 60),
        ));
    if (why !== undefined) {
      unusable.set(shot, why);
      continue;
    }
    orders.push({
      shot,
      source,
      image: read.image,
      price,
      known,
      isWaiting: state.kind === 'wait',
      request: new GenerationRequest({
        prompts: [shot.prompt],
        model: shot.model,
        aspectRatio: shot.ratio,
        // The file says it, for a first frame of another shape too.
        isRatioChosen: true,
        scope: document.uri,
        shot: toTaskShot(uri, shot.identity),
      }),
    });
  }
  return { uri, plan, tasks, orders, unusable: [...unusable].map(([shot, why]) => ({ shot, why })) };
}

async function readFirstFrame(
  document: vscode.TextDocument,
  { firstFrame }: ResolvedShot,
): Promise<{ image?: SourceImage; why?: string }> {
  if (firstFrame === undefined) {
    return {};
  }
  try {
    if (parseImageUrl(firstFrame) !== undefined) {
      return { image: createImageFromUrl(firstFrame) };
    }
    const file = findReferencedFile(document.uri, firstFrame);
    if (!file) {
      throw new ImageError('unreadable', {});
    }
    return { image: await readImageFile(file, { within: getOwnFolder(document.uri) }) };
  } catch (error) {
    if (error instanceof ImageError) {
      return { why: `${escapeForNotification(firstFrame, 80)}: ${describeImageError(error)}` };
    }
    throw error;
  }
}

/**
 * The task whose video a shot is: of the chosen take, if this computer knows it; without a choice the newest.
 *
 * @returns `undefined` when there is none, or the chosen take was made elsewhere
 */
export function findTakeOf(
  { store }: Pick<ExtensionServices, 'store'>,
  document: vscode.Uri,
  { shot, take }: ResolvedShot,
  tasks: ShotTasks,
): TaskRecord | undefined {
  if (!take) {
    return tasks.newestDone(shot.index);
  }
  const file = findReferencedFile(document, take.target)?.toString();
  const isIt = (record: TaskRecord) => file !== undefined && isSavedAt(record, file);
  return tasks.of(shot.index).findLast(isIt) ?? store.list().find(isIt);
}

/** Whether two shots go by the same name. Two of one name in a file are a problem, and are not sent. */
export function isSameShot(a: ResolvedShot, b: ResolvedShot): boolean {
  return a.identity.label === b.identity.label && a.identity.title === b.identity.title;
}
