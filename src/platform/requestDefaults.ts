import * as vscode from 'vscode';
import type { AspectRatio } from '../api/aspectRatio';
import { Disposable, Emitter, type Event } from '../common/events';
import { readSettings, toAspectRatio } from './settings';

/** Model and aspect ratio, as a user chooses them. */
export interface ModelChoice {
  model: string;
  aspectRatio: AspectRatio;
}

/** What the next request begins with. */
export interface NextRequest extends ModelChoice {
  /** Whether model or ratio were chosen in a dialog of this workspace, and are not those of the settings. */
  isRemembered: boolean;
}

const CHOSEN = 'seedance.chosen';
const MAX_MODEL_CHARS = 200;

/** A choice, with the setting of the user at that time: once that is another one, it was changed by hand since. */
interface Chosen {
  value: string;
  over?: string | undefined;
}

/**
 * What the next request begins with: what was set by hand for the workspace or its folder, or else what was chosen last
 * in a dialog of this workspace, or else the setting of the user. A change of a setting ends what was chosen before it,
 * also while no window of this workspace is open.
 */
export class RequestDefaults extends Disposable {
  readonly #state: vscode.Memento;
  readonly #onDidChange = this._register(new Emitter<void>());
  readonly onDidChange: Event<void> = this.#onDidChange.event;

  constructor(workspaceState: vscode.Memento) {
    super();
    this.#state = workspaceState;
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) =>
        this.forget(KEYS.filter((key) => event.affectsConfiguration(`seedance.${key}`))),
      ),
    );
  }

  /** @param scope the document or folder that the request is for */
  read(scope: vscode.Uri | undefined): NextRequest {
    const { model, aspectRatio } = readSettings(scope);
    const chosen = {
      model: this.#getChosen('model', scope) ?? model,
      aspectRatio: toAspectRatio(this.#getChosen('aspectRatio', scope)) ?? aspectRatio,
    };
    return { ...chosen, isRemembered: chosen.model !== model || chosen.aspectRatio !== aspectRatio };
  }

  /** Remembers what the user chose in a dialog. */
  remember(choice: Partial<ModelChoice>): void {
    const all = this.#readAll();
    for (const key of KEYS.filter((key) => choice[key] !== undefined)) {
      all[key] = { value: choice[key], over: getUserValue(key) };
    }
    this.#write(all);
  }

  /** Lets the settings hold again. */
  forget(keys: readonly (keyof ModelChoice)[]): void {
    const all = this.#readAll();
    const gone = keys.filter((key) => all[key] !== undefined);
    if (gone.length > 0) {
      gone.forEach((key) => delete all[key]);
      this.#write(all);
    }
  }

  #getChosen(key: keyof ModelChoice, scope: vscode.Uri | undefined): string | undefined {
    const { value, over } = (this.#readAll()[key] ?? {}) as Partial<Chosen>;
    const isUsable = typeof value === 'string' && value.trim() !== '' && value.length <= MAX_MODEL_CHARS;
    return isUsable && over === getUserValue(key) && !isSetForWorkspace(key, scope) ? value.trim() : undefined;
  }

  /** What is stored is checked where it is used: a file of VS Code's own, but a file. */
  #readAll(): Record<string, unknown> {
    const stored: unknown = this.#state.get(CHOSEN);
    return typeof stored === 'object' && stored !== null ? { ...stored } : {};
  }

  #write(all: Record<string, unknown>): void {
    // A memento has the new value at once, and is written to the disk later.
    void this.#state.update(CHOSEN, all);
    this.#onDidChange.fire();
  }
}

const KEYS = ['model', 'aspectRatio'] as const satisfies readonly (keyof ModelChoice)[];

/** As text: settings are written by hand, and may hold anything. */
function getUserValue(key: keyof ModelChoice): string | undefined {
  return JSON.stringify(vscode.workspace.getConfiguration('seedance').inspect(key)?.globalValue);
}

/** A value that cannot be used is none. */
function isSetForWorkspace(key: keyof ModelChoice, scope: vscode.Uri | undefined): boolean {
  const found = vscode.workspace.getConfiguration('seedance', scope).inspect<unknown>(key);
  return [found?.workspaceValue, found?.workspaceFolderValue].some((value) =>
    key === 'model' ? typeof value === 'string' && value.trim() !== '' : toAspectRatio(value) !== undefined,
  );
}
