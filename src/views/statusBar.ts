import * as vscode from 'vscode';
import { Commands } from '../commands/ids';
import type { ApiKey } from '../platform/secrets';
import type { Catalogue } from '../tasks/catalogue';
import { Disposable } from '../tasks/lifecycle';

export interface StatusBarParts {
  apiKey: Pick<ApiKey, 'get' | 'onDidChange'>;
  /** Asked for when there is something to say. */
  catalogue: () => Promise<Pick<Catalogue, 'current' | 'priceOf' | 'onDidChange'>>;
}

/** Between the low-priority items of others, to the right of the middle. */
const PRIORITY = 40;

/**
 * Model, aspect ratio and price of the next generation; a click changes them. There only with a key: without
 * one nothing can be generated. What it says is loaded when it first has something to say.
 */
export class StatusBar extends Disposable {
  readonly #parts: StatusBarParts;
  readonly #item: vscode.StatusBarItem;
  #hasKey = false;
  #following = false;

  constructor(parts: StatusBarParts) {
    super();
    this.#parts = parts;
    this.#item = this._register(
      vscode.window.createStatusBarItem('seedance.next', vscode.StatusBarAlignment.Right, PRIORITY),
    );
    this.#item.name = vscode.l10n.t('Seedance: model and price');
    this.#item.command = Commands.chooseModel;
    this._register(parts.apiKey.onDidChange(() => void this.#keyChanged()));
    void this.#keyChanged();
  }

  async #keyChanged(): Promise<void> {
    // A keyring that cannot be read is told by the commands that need the key.
    const key = await this.#parts.apiKey.get().catch(() => undefined);
    this.#hasKey = key !== undefined;
    await this.#follow();
    await this.#draw();
  }

  /** Whatever changes what it says: the settings, the document that they are for, the prices. */
  async #follow(): Promise<void> {
    if (!this.#hasKey || this.#following) {
      return;
    }
    this.#following = true;
    const catalogue = await this.#parts.catalogue();
    if (this.isDisposed) {
      return;
    }
    const draw = () => void this.#draw();
    this._register(vscode.window.onDidChangeActiveTextEditor(draw));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('seedance') && draw()),
    );
    this._register(catalogue.onDidChange(draw));
  }

  async #draw(): Promise<void> {
    if (!this.#hasKey) {
      this.#item.hide();
      return;
    }
    const [{ textOfNext }, catalogue] = await Promise.all([import('./statusBarText'), this.#parts.catalogue()]);
    if (this.#hasKey && !this.isDisposed) {
      Object.assign(this.#item, textOfNext(catalogue));
      this.#item.show();
    }
  }
}
