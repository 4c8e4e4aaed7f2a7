import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ApiKey } from '../platform/apiKey';
import { Disposable } from '../common/events';
import { parseModelId } from '../api/models';
import { formatDateTime, formatModelTitle, formatPrice } from '../messages/format';
import { escapeCodicons } from '../common/text';
import type { RequestDefaults } from '../platform/requestDefaults';
import type { ModelCatalog } from '../api/modelCatalog';

/** What the status bar item needs. */
export interface StatusBarOptions {
  apiKey: Pick<ApiKey, 'get' | 'onDidChange' | 'isUnreadable' | 'onDidChangeReadability'>;
  defaults: Pick<RequestDefaults, 'read' | 'onDidChange'>;
  /** Called when the item is first shown, so that the catalog is not created before. */
  modelCatalog: () => Pick<ModelCatalog, 'current' | 'priceOf' | 'onDidChange'>;
}

/** Places the item among the low-priority ones of other extensions. */
const PRIORITY = 40;

/**
 * Shows model, aspect ratio and price of the next generation; a click changes them. Hidden without an API key, because
 * nothing can be generated then. Says so when the key cannot be read now; a click tries again.
 */
export class StatusBar extends Disposable {
  readonly #options: StatusBarOptions;
  readonly #item: vscode.StatusBarItem;
  #hasKey = false;
  #isListening = false;

  constructor(options: StatusBarOptions) {
    super();
    this.#options = options;
    this.#item = this._register(
      vscode.window.createStatusBarItem('seedance.next', vscode.StatusBarAlignment.Right, PRIORITY),
    );
    this.#item.name = vscode.l10n.t('Seedance: model and price');
    this._register(options.apiKey.onDidChangeReadability(() => this.#draw()));
    this._register(options.apiKey.onDidChange(() => void this.#onKeyChanged()));
    void this.#onKeyChanged();
  }

  async #onKeyChanged(): Promise<void> {
    try {
      this.#hasKey = (await this.#options.apiKey.get()) !== undefined;
    } catch {
      // Not known now: what was known is shown again once the secret storage answers.
    }
    this.#listen();
    this.#draw();
  }

  /** Redraws the item when the settings, the document that they apply to, or the prices change. */
  #listen(): void {
    if (!this.#hasKey || this.#isListening) {
      return;
    }
    this.#isListening = true;
    const modelCatalog = this.#options.modelCatalog();
    if (this.isDisposed) {
      return;
    }
    const draw = () => this.#draw();
    this._register(vscode.window.onDidChangeActiveTextEditor(draw));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('seedance') && draw()),
    );
    this._register(modelCatalog.onDidChange(draw));
    this._register(this.#options.defaults.onDidChange(draw));
  }

  #draw(): void {
    if (this.#options.apiKey.isUnreadable && !this.isDisposed) {
      Object.assign(this.#item, getUnreadableText(), { command: Commands.refresh });
      this.#item.show();
      return;
    }
    if (!this.#hasKey) {
      this.#item.hide();
      return;
    }
    if (!this.isDisposed) {
      const { modelCatalog, defaults } = this.#options;
      Object.assign(this.#item, getStatusBarText(modelCatalog(), defaults), { command: Commands.chooseModel });
      this.#item.show();
    }
  }
}

function getUnreadableText(): Pick<vscode.StatusBarItem, 'text' | 'tooltip' | 'accessibilityInformation'> {
  const text = vscode.l10n.t('Seedance: the key cannot be read now');
  const tooltip = vscode.l10n.t(
    'The password storage of this system (its keyring) is locked or does not answer. The API key is still there. Click to try again.',
  );
  return { text: `$(lock) ${text}`, tooltip, accessibilityInformation: { label: `${text}. ${tooltip}` } };
}

/** Longer names of models are truncated. The tooltip has the whole name. */
const MAX_NAME_CHARS = 40;

/** Returns what the next generation from the active document uses: in one line, and in full for the tooltip. */
export function getStatusBarText(
  modelCatalog: Pick<ModelCatalog, 'current' | 'priceOf'>,
  defaults: Pick<RequestDefaults, 'read'>,
): Pick<vscode.StatusBarItem, 'text' | 'tooltip' | 'accessibilityInformation'> {
  const { model, aspectRatio, isRemembered } = defaults.read(vscode.window.activeTextEditor?.document.uri);
  const price = modelCatalog.priceOf(model);
  const { source, fetchedAt } = modelCatalog.current();
  const title = formatModelTitle(model);
  const parts = [escapeCodicons(title, MAX_NAME_CHARS), aspectRatio, formatPrice(price)];
  const facts = [
    vscode.l10n.t('The next video: {0}, {1}, {2}.', title, aspectRatio, formatPrice(price)),
    ...(isRemembered ? [vscode.l10n.t('As chosen last in this workspace.')] : []),
    ...(parseModelId(model)?.audio ? [vscode.l10n.t('With sound.')] : []),
    source === 'live'
      ? vscode.l10n.t('Prices of {0}.', formatDateTime(fetchedAt ?? 0))
      : vscode.l10n.t('Price of the built-in list; it may have changed.'),
    vscode.l10n.t('Click to change model or aspect ratio.'),
  ];
  return {
    text: parts.join(' · '),
    // A string instead of Markdown, because model ids come from the service.
    tooltip: facts.join('\n'),
    accessibilityInformation: { label: facts.join(' ') },
  };
}
