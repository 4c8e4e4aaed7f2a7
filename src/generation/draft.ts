import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { isTicket } from '../common/ticket';
import { DELIVERY_IDS } from '../images/delivery/deliver';
import { createImageFromUrl } from '../images/delivery/imageUrl';
import { ImageError } from '../images/imageError';
import { readImageFile } from '../platform/imageFile';
import { MAX_READ_CHARS } from '../tasks/model/prompt';
import { isThumbnail } from '../tasks/model/taskRecord';
import { FrameOriginSchema } from '../tasks/model/taskRecordSchema';
import type { ExtensionServices } from '../container';
import type { GenerationRequest, GenerationRequestOptions, SelectedFrame } from './generationRequest';

const DRAFT_KEY = 'seedance.draft';
/** Of a draft beside the one that is proposed next: the text of an editor, or what was typed before something else. */
const BESIDE_PREFIX = `${DRAFT_KEY}.`;
/** The oldest ones go. VS Code writes down the whole state with each change. */
const MAX_BESIDE = 10;
/** Whole or not at all. VS Code writes a warning to its log about states of more than half a megabyte. */
const MAX_DRAFT_CHARS = MAX_READ_CHARS;
const MAX_FRAMES = 20;

/** A first frame as it is kept, and `restoreFrame` brings it back. */
export const StoredFrame = v.object({
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
  /** When it was written, in milliseconds since the epoch. Each write has another one. */
  at: v.optional(v.number(), 0),
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

/** Whether the first frames of a draft are these. */
export function hasFrames({ choices }: DraftContent, frames: readonly SelectedFrame[]): boolean {
  const sourcesOf = (of: readonly SelectedFrame[]) => of.map(({ image }) => image.source).join('\n');
  return sourcesOf(choices.frames ?? []) === sourcesOf(frames);
}

type DraftServices = Pick<ExtensionServices, 'context' | 'log' | 'now'>;

/**
 * Keeps what the user types and chooses in the state of the workspace, until it is ordered. A draft replaces and ends
 * only what it has read or written itself: other words that lie there are put beside, and come back after it.
 */
export class Draft {
  readonly #services: DraftServices;
  readonly #key: string;
  /** `at` of what this draft has read or written last. */
  #own: number | undefined;

  /** @param id of a draft beside the one that is proposed next */
  constructor(services: DraftServices, id?: string) {
    this.#services = services;
    this.#key = id === undefined ? DRAFT_KEY : `${BESIDE_PREFIX}${id}`;
  }

  /** The draft, with its first frames as they are now. Never throws. */
  async read(): Promise<DraftContent> {
    const stored = readStored(this.#services, this.#key);
    this.#own = stored?.at;
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

  /** The words alone, and when they were written; `undefined` when there is no draft. */
  peek(): { prompt: string; at: number } | undefined {
    return readStored(this.#services, this.#key);
  }

  /**
   * Keeps a text as it is typed. An empty one ends the draft.
   *
   * @returns `false` when it is too long to be kept; the draft before it stays
   */
  keep(prompt: string, choices: DraftChoices): boolean {
    if (prompt.trim() === '') {
      this.clear();
      return true;
    }
    return this.write(prompt, choices);
  }

  /** The same, with an empty text as well: an editor is open for it. */
  write(prompt: string, { model, aspectRatio, isRatioChosen, frames = [] }: DraftChoices): boolean {
    return this.#write({ prompt, model, aspectRatio, isRatioChosen, frames: toStoredFrames(frames) });
  }

  /** Keeps a text with the choices that lie with it already. An empty one, too: who wipes a page writes on. */
  keepText(prompt: string): boolean {
    const stored = readStored(this.#services, this.#key);
    this.#own = stored?.at;
    return this.#write({ ...stored, prompt, frames: stored?.frames ?? [] });
  }

  /** Keeps a request for one prompt: of several, each would need a draft of its own. */
  keepRequest(request: GenerationRequest, index = 0): boolean {
    return this.keep(request.prompts[index] ?? '', request);
  }

  /** Ends this draft. What was written by another since is another draft. */
  clear(): void {
    if (readStored(this.#services, this.#key)?.at === this.#own) {
      writeStored(this.#services, this.#key, undefined);
    }
  }

  /** Ends this draft, also if another wrote it last. */
  discard(): void {
    writeStored(this.#services, this.#key, undefined);
  }

  #write(draft: Omit<StoredDraft, 'at'>): boolean {
    if (draft.prompt.length > MAX_DRAFT_CHARS) {
      return false;
    }
    const stored = readStored(this.#services, this.#key);
    if (stored !== undefined && stored.at !== this.#own && stored.prompt !== draft.prompt) {
      putBeside(this.#services, stored);
    }
    this.#own = Math.max(this.#services.now(), (stored?.at ?? 0) + 1);
    writeStored(this.#services, this.#key, { ...draft, at: this.#own });
    return true;
  }
}

/**
 * Makes the newest of what was left the draft that is proposed next: words whose editor was closed, or that were typed
 * before others. The draft so far takes its place.
 *
 * @param isOpen whether the draft with this id is still being written in an editor
 */
export function proposeNewestDraft(services: DraftServices, isOpen: (id: string) => boolean): void {
  const [newest] = listBeside(services).filter(({ id }) => !isOpen(id));
  const stored = readStored(services, DRAFT_KEY);
  if (newest && newest.draft.at > (stored?.at ?? -1)) {
    writeStored(services, DRAFT_KEY, newest.draft);
    writeStored(services, `${BESIDE_PREFIX}${newest.id}`, stored);
  }
}

/** The newest first. Those without a word are left out. */
function listBeside(services: DraftServices): { id: string; draft: StoredDraft }[] {
  return services.context.workspaceState
    .keys()
    .filter((key) => key.startsWith(BESIDE_PREFIX))
    .flatMap((key) => {
      const draft = readStored(services, key);
      return draft && draft.prompt.trim() !== '' ? [{ id: key.slice(BESIDE_PREFIX.length), draft }] : [];
    })
    .toSorted((a, b) => b.draft.at - a.draft.at);
}

function putBeside(services: DraftServices, draft: StoredDraft): void {
  if (draft.prompt.trim() !== '') {
    writeStored(services, `${BESIDE_PREFIX}${randomUUID()}`, draft);
    for (const { id } of listBeside(services).slice(MAX_BESIDE)) {
      writeStored(services, `${BESIDE_PREFIX}${id}`, undefined);
    }
  }
}

function readStored({ context }: DraftServices, key: string): StoredDraft | undefined {
  const parsed = v.safeParse(StoredDraft, context.workspaceState.get<unknown>(key));
  return parsed.success ? parsed.output : undefined;
}

function writeStored({ context, log }: DraftServices, key: string, draft: StoredDraft | undefined): void {
  // Not awaited: nobody waits for a draft, and without one only words are lost.
  context.workspaceState.update(key, draft).then(undefined, (error: unknown) => {
    log.warn(`the draft was not kept: ${String(error)}`);
  });
}

/** An image whose link is a ticket is not among them: such a link is kept nowhere. */
export function toStoredFrames(frames: readonly SelectedFrame[]): StoredDraft['frames'] {
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
export async function restoreFrame(frame: StoredDraft['frames'][number]): Promise<SelectedFrame> {
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
