import * as v from 'valibot';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';
import { Emitter } from '../common/events';
import type { ExtensionServices } from '../container';
import { MAX_READ_CHARS } from '../tasks/model/prompt';
import { MAX_TAKES } from '../views/composer/protocol';
import { restoreFrame, StoredFrame, toStoredFrames } from './draft';
import type { GenerationRequest, SelectedFrame } from './generationRequest';

const COMPOSER_KEY = 'seedance.composer';

/** What was typed and chosen in the view "Create". */
export interface ComposerContent {
  prompt: string;
  /** Absent while it is the one for new videos. */
  model?: string | undefined;
  /** Absent while it is that of the settings, or the nearest to the first frame. */
  aspectRatio?: AspectRatio | undefined;
  takes: number;
  frame?: SelectedFrame | undefined;
}

const StoredContent = v.object({
  revision: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  prompt: v.pipe(v.string(), v.maxLength(MAX_READ_CHARS)),
  model: v.optional(v.pipe(v.string(), v.maxLength(200))),
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  takes: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TAKES)),
  frame: v.optional(StoredFrame),
});

type DraftServices = Pick<ExtensionServices, 'context' | 'log'>;

/**
 * Keeps what was typed and chosen in the view "Create" in the state of the workspace. It outlives hidden pages and
 * windows, and stays when it was ordered: who makes videos changes a few words and orders again.
 */
export class ComposerDraft {
  readonly #services: DraftServices;
  readonly #onDidFill = new Emitter<void>();
  /** Fires when something else than the page has filled the form. */
  readonly onDidFill = this.#onDidFill.event;
  #content: ComposerContent = { prompt: '', takes: 1 };
  #revision = 0;
  #loaded: Promise<void> | undefined;
  /** The label of a first frame that can no longer be read, until it was told. */
  #lost: string | undefined;

  constructor(services: DraftServices) {
    this.#services = services;
  }

  /** That of a workspace: whatever fills the form fills the same one. */
  static of(services: DraftServices): ComposerDraft {
    const { workspaceState } = services.context;
    const draft = drafts.get(workspaceState) ?? new ComposerDraft(services);
    drafts.set(workspaceState, draft);
    return draft;
  }

  get content(): ComposerContent {
    return this.#content;
  }

  /** Counts the states: a message about an older one is about something else. */
  get revision(): number {
    return this.#revision;
  }

  /** Reads what was kept, once. Never throws. */
  load(): Promise<void> {
    return (this.#loaded ??= this.#load());
  }

  /** The label of the first frame that is lost; once. */
  takeLost(): string | undefined {
    const lost = this.#lost;
    this.#lost = undefined;
    return lost;
  }

  /** Takes over what the page shows, unless something else has changed since. */
  edit(revision: number, changes: Omit<ComposerContent, 'frame'>): boolean {
    if (revision <= this.#revision) {
      return false;
    }
    this.#set({ ...this.#content, ...changes }, revision);
    return true;
  }

  /** A change that the page does not know yet. */
  change(changes: Partial<ComposerContent>): void {
    this.#set({ ...this.#content, ...changes }, this.#revision + 1);
  }

  /** Changes the first frame, which is no part of what the page edits: words that are being typed stay valid. */
  setFrame(frame: SelectedFrame | undefined): void {
    this.#set({ ...this.#content, frame }, this.#revision);
  }

  /** Fills the form with a request for one video. */
  async fill(request: GenerationRequest): Promise<void> {
    await this.load();
    const [frame] = request.frames;
    this.change({
      prompt: request.prompts[0] ?? '',
      model: request.model,
      aspectRatio: frame && !request.isRatioChosen ? undefined : request.aspectRatio,
      frame,
    });
    this.#onDidFill.fire();
  }

  #set(content: ComposerContent, revision: number): void {
    this.#content = content;
    this.#revision = revision;
    const { frame, ...rest } = content;
    const [storedFrame] = frame ? toStoredFrames([frame]) : [];
    const stored = { ...rest, revision, frame: storedFrame };
    // Not awaited: nobody waits for a draft, and without one only words are lost.
    this.#services.context.workspaceState.update(COMPOSER_KEY, stored).then(undefined, (error: unknown) => {
      this.#services.log.warn(`what was typed in "Create" was not kept: ${String(error)}`);
    });
  }

  async #load(): Promise<void> {
    const parsed = v.safeParse(StoredContent, this.#services.context.workspaceState.get<unknown>(COMPOSER_KEY));
    if (!parsed.success) {
      return;
    }
    const { revision, frame: stored, ...content } = parsed.output;
    let frame: SelectedFrame | undefined;
    try {
      frame = stored && (await restoreFrame(stored));
    } catch (error) {
      this.#services.log.debug(`first frame in "Create": ${String(error)}`);
      this.#lost = stored?.label;
    }
    this.#content = { ...content, frame };
    this.#revision = revision;
  }
}

const drafts = new WeakMap<object, ComposerDraft>();
