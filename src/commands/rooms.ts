import type * as vscode from 'vscode';
import type { MadeImages } from '../frames/madeImages';
import type { Gateway } from '../gateway/client';
import type { Fetch } from '../gateway/http';
import type { ApiKey } from '../platform/secrets';
import type { Log } from '../platform/log';
import type { Notifier } from '../platform/notifier';
import type { Catalogue } from '../tasks/catalogue';
import type { Downloader } from '../tasks/download';
import type { GenerateService } from '../tasks/generate';
import type { PollingController } from '../tasks/polling';
import type { TaskStore } from '../tasks/store';
import type { Cropper } from '../views/cropper';

/** What commands work with; built in `extension.ts`. */
export interface Rooms {
  readonly context: Pick<vscode.ExtensionContext, 'globalState' | 'secrets'>;
  readonly apiKey: ApiKey;
  readonly log: Log;
  readonly gateway: Gateway;
  readonly fetch: Fetch;
  readonly catalogue: Catalogue;
  readonly store: TaskStore;
  readonly generate: GenerateService;
  readonly polling: PollingController;
  readonly downloader: Downloader;
  readonly madeImages: MadeImages;
  readonly cropper: Pick<Cropper, 'open' | 'paste'>;
  readonly notifier: Notifier;
  readonly preview: { show(id: string): Promise<unknown>; continueFromLastFrame(id: string): Promise<void> };
  readonly spending: { show(): Promise<void> };
  readonly tree: {
    /** Draws everything anew. */
    refresh(): void;
    /** For commands that a key binding starts, without an argument. */
    readonly selection: readonly string[];
    /** Shows tasks that continue one another below one row, or each where its time puts it. */
    groupChains(isGrouped: boolean): Promise<void>;
  };
  now(): number;
}

/** What the module of a command is: one function. Arguments come from menus, key bindings, other extensions. */
export interface Command {
  run(rooms: Rooms, ...args: unknown[]): Promise<unknown>;
}
