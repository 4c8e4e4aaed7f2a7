import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { isTicket } from '../common/ticket';
import { DELIVERY_IDS } from '../images/delivery/deliver';
import { createImageFromUrl } from '../images/delivery/imageUrl';
import { ImageError } from '../images/imageError';
import { readImageFile } from '../platform/imageFile';
import { isThumbnail } from '../tasks/model/taskRecord';
import { FrameOriginSchema } from '../tasks/model/taskRecordSchema';
import type { ExtensionServices } from '../container';
import type { GenerationRequest, GenerationRequestOptions, SelectedFrame } from './generationRequest';

const DRAFT_KEY = 'seedance.draft';
/** VS Code warns about states of more than half a megabyte. Longer texts are no prompts: see `MAX_PROMPT_CHARS`. */
const MAX_DRAFT_CHARS = 50_000;
const MAX_FRAMES = 20;

const StoredFrame = v.object({
  source: v.pipe(v.string(), v.maxLength(8192)),
  label: v.pipe(v.string(), v.maxLength(1000)),
  delivery: v.picklist(DELIVERY_IDS),
  link: v.optional(v.pipe(v.string(), v.maxLength(8192))),
  isFile: v.boolean(),
  hash: v.optional(v.string()),
  from: v.optional(FrameOriginSchema),
  thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail, 'no small JPEG as a data: URL'))),
});
const StoredDraft = v.object({
  prompt: v.pipe(v.string(), v.maxLength(MAX_DRAFT_CHARS)),
  model: v.optional(v.string()),
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  isRatioChosen: v.optional(v.boolean()),
  frames: v.pipe(v.array(StoredFrame), v.maxLength(MAX_FRAMES)),
});
type StoredDraft = v.InferOutput<typeof StoredDraft>;

/** What a request takes from a draft besides its prompt. */
export type DraftChoices = Pick<
  Partial<GenerationRequestOptions>,
  'model' | 'aspectRatio' | 'isRatioChosen' | 'frames'
>;

/** What the user typed and chose last and has not ordered. */
export interface DraftContent {
  prompt: string;
  choices: DraftChoices;
  /** Labels of first frames that can no longer be read. */
  lost: string[];
}

/**
 * Keeps what the user types and chooses in the state of the workspace, until it is ordered. Two windows of a workspace
 * have one draft, and the last one that writes wins: a draft is not money.
 */
export class Draft {
  readonly #services: Pick<ExtensionServices, 'context' | 'log'>;

  constructor(services: Pick<ExtensionServices, 'context' | 'log'>) {
    this.#services = services;
  }

  /** The draft, with its first frames as they are now. Never throws. */
  async read(): Promise<DraftContent> {
    const stored = this.#get();
    const frames: SelectedFrame[] = [];
    const lost: string[] = [];
    for (const frame of stored?.frames ?? []) {
      try {
        frames.push(await restoreFrame(frame));
      } catch (error) {
        this.#services.log.debug(`first frame of the draft: ${String(error)}`);
        lost.push(frame.label);
      }
    }
    const { prompt = '', model, aspectRatio, isRatioChosen } = stored ?? {};
    return {
      prompt,
      choices: {
        ...(frames.length > 0 ? { frames } : {}),
        ...(model === undefined ? {} : { model }),
        ...(aspectRatio === undefined ? {} : { aspectRatio }),
        ...(isRatioChosen === undefined ? {} : { isRatioChosen }),
      },
      lost,
    };
  }

  /** Keeps a text as it is typed. An empty one ends the draft; one that is too long leaves the draft before it. */
  keep(prompt: string, { model, aspectRatio, isRatioChosen, frames = [] }: DraftChoices): void {
    if (prompt.length > MAX_DRAFT_CHARS) {
      return;
    }
    if (prompt.trim() === '') {
      this.clear();
      return;
    }
    const stored: StoredDraft = { prompt, model, aspectRatio, isRatioChosen, frames: toStoredFrames(frames) };
    this.#set(stored);
  }

  /** Keeps a request for one prompt: of several, each would need a draft of its own. */
  keepRequest(request: GenerationRequest, index = 0): void {
    this.keep(request.prompts[index] ?? '', request);
  }

  clear(): void {
    this.#set(undefined);
  }

  #get(): StoredDraft | undefined {
    const parsed = v.safeParse(StoredDraft, this.#services.context.workspaceState.get<unknown>(DRAFT_KEY));
    return parsed.success ? parsed.output : undefined;
  }

  #set(draft: StoredDraft | undefined): void {
    // Not awaited: nobody waits for a draft, and without one only words are lost.
    this.#services.context.workspaceState.update(DRAFT_KEY, draft).then(undefined, (error: unknown) => {
      this.#services.log.warn(`the draft was not kept: ${String(error)}`);
    });
  }
}

/** An image whose link is a ticket is not among them: such a link is kept nowhere. */
function toStoredFrames(frames: readonly SelectedFrame[]): StoredDraft['frames'] {
  const kept = frames.filter(({ image }) => !isTicket(image.source) && !isTicket(image.link ?? ''));
  return kept.slice(0, MAX_FRAMES).map(({ image: { source, label, link, file, from, thumbnail }, delivery }) => ({
    source,
    label,
    delivery,
    link,
    isFile: file !== undefined,
    hash: file?.hash,
    from: from && { ...from },
    thumbnail,
  }));
}

/** @throws {Error} when the image can no longer be used */
async function restoreFrame(frame: StoredDraft['frames'][number]): Promise<SelectedFrame> {
  const { source, label, delivery, link, isFile, hash, from, thumbnail } = frame;
  if (!isFile) {
    return { image: { ...createImageFromUrl(link ?? source), source, label, from, thumbnail }, delivery };
  }
  const image = await readImageFile(vscode.Uri.parse(source, true));
  if (hash !== undefined && image.file?.hash === hash) {
    return { image: { ...image, label, from, thumbnail, ...(link === undefined ? {} : { link }) }, delivery };
  }
  if (delivery === 'link') {
    // The link leads to what the file was then.
    throw new ImageError('unreadable', {});
  }
  return { image: { ...image, label, hasChanged: true }, delivery };
}
