import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ApiKey } from '../platform/apiKey';
import { Disposable } from '../common/events';
import { parseModelId } from '../api/models';
import { formatDateTime, formatModelTitle, formatPrice } from '../messages/format';
import { escapeCodicons } from '../common/text';
import { readSettings } from '../platform/settings';
import type { ModelCatalog } from '../api/modelCatalog';

export interface StatusBarOptions {
  apiKey: Pick<ApiKey, 'get' | 'onDidChange'>;
  /** Asked for when there is something to say. */
  modelCatalog: () => Pick<ModelCatalog, 'current' | 'priceOf' | 'onDidChange'>;
}

/** Between the low-priority items of others, to the right of the middle. */
const PRIORITY = 40;

/**
 * Model, aspect ratio and price of the next generation; a click changes them. There only with a key: without
 * one nothing can be generated. What it says is loaded when it first has something to say.
 */
export class StatusBar extends Disposable {
  readonly #parts: StatusBarOptions;
  readonly #item: vscode.StatusBarItem;
  #hasKey = false;
  #following = false;

  constructor(parts: StatusBarOptions) {
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
    this.#follow();
    this.#draw();
  }

  /** Whatever changes what it says: the settings, the document that they are for, the prices. */
  #follow(): void {
    if (!this.#hasKey || this.#following) {
      return;
    }
    this.#following = true;
    const modelCatalog = this.#parts.modelCatalog();
    if (this.isDisposed) {
      return;
    }
    const draw = () => this.#draw();
    this._register(vscode.window.onDidChangeActiveTextEditor(draw));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('seedance') && draw()),
    );
    this._register(modelCatalog.onDidChange(draw));
  }

  #draw(): void {
    if (!this.#hasKey) {
      this.#item.hide();
      return;
    }
    if (this.#hasKey && !this.isDisposed) {
      Object.assign(this.#item, getStatusBarText(this.#parts.modelCatalog()));
      this.#item.show();
    }
  }
}

/** Of a model with a long name; the tooltip has all of it. */
const MAX_NAME_CHARS = 40;

/** What the next generation from the active document is proposed with, in one line and in full. */
export function getStatusBarText(
  modelCatalog: Pick<ModelCatalog, 'current' | 'priceOf'>,
): Pick<vscode.StatusBarItem, 'text' | 'tooltip' | 'accessibilityInformation'> {
  const { model, aspectRatio } = readSettings(vscode.window.activeTextEditor?.document.uri);
  const price = modelCatalog.priceOf(model);
  const { source, fetchedAt } = modelCatalog.current();
  const title = formatModelTitle(model);
  const parts = [escapeCodicons(title, MAX_NAME_CHARS), aspectRatio, formatPrice(price)];
  const facts = [
    vscode.l10n.t('The next video: {0}, {1}, {2}.', title, aspectRatio, formatPrice(price)),
    ...(parseModelId(model)?.audio ? [vscode.l10n.t('With sound.')] : []),
    source === 'live'
      ? vscode.l10n.t('Prices of {0}.', formatDateTime(fetchedAt ?? 0))
      : vscode.l10n.t('Price of the built-in list; it may have changed.'),
    vscode.l10n.t('Click to change model or aspect ratio.'),
  ];
  return {
    text: parts.join(' · '),
    // A plain string: an id of the service is no Markdown.
    tooltip: facts.join('\n'),
    accessibilityInformation: { label: facts.join(' ') },
  };
}
