import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { readSettings } from '../../platform/settings';
import { Disposable } from '../../common/events';
import type { TaskStore } from '../../tasks/storage/taskStore';
import { createWebviewHtml, getWebviewRoots } from '../webviewHtml';
import { createSpendingHtml } from './spendingHtml';

export interface SpendingContext {
  extensionUri: vscode.Uri;
  store: Pick<TaskStore, 'list' | 'removed' | 'onDidChange'>;
  now(): number;
}

/** Several changes that come together are one change of the page; also how often midnight is looked for. */
const DRAW_AFTER_MS = 200;
const LOOK_AT_CLOCK_MS = 60_000;

/** The one panel with what was spent. It follows the tasks, the budget and the calendar while it is seen. */
export class SpendingPanel extends Disposable {
  readonly #context: SpendingContext;
  readonly #panel: vscode.WebviewPanel;
  #drawn: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(context: SpendingContext, onClosed: () => void) {
    super();
    this.#context = context;
    const { media } = getWebviewRoots(context.extensionUri);
    this.#panel = this._register(
      vscode.window.createWebviewPanel('seedance.spending', vscode.l10n.t('Spending'), vscode.ViewColumn.Active, {
        // A static page: its three links are commands, and no other command can be run from it.
        enableScripts: false,
        enableCommandUris: [Commands.exportSpending, Commands.showBalance, 'workbench.action.openSettings'],
        localResourceRoots: [media],
      }),
    );
    const icon = (theme: string) => vscode.Uri.joinPath(media, `preview-${theme}.svg`);
    this.#panel.iconPath = { light: icon('light'), dark: icon('dark') };
    this._register(
      this.#panel.onDidDispose(() => {
        onClosed();
        this.dispose();
      }),
    );
    this._register(this.#panel.onDidChangeViewState(() => this.#draw()));
    this._register(context.store.onDidChange(() => this.#drawSoon()));
    this._register(
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration('seedance.dailyBudget') && this.#draw(),
      ),
    );
    const clock = setInterval(() => this.#draw(), LOOK_AT_CLOCK_MS);
    this._register({
      dispose: () => {
        clearInterval(clock);
        clearTimeout(this.#timer);
      },
    });
    this.#draw();
  }

  reveal(): void {
    this.#panel.reveal();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, DRAW_AFTER_MS);
  }

  #draw(): void {
    if (this.isDisposed || !this.#panel.visible) {
      return;
    }
    const { store } = this.#context;
    const body = createSpendingHtml({
      records: [...store.list(), ...store.removed()],
      now: this.#context.now(),
      budget: readSettings().dailyBudget,
    });
    // Set anew, the page loses its place: only for a real change.
    if (body !== this.#drawn) {
      this.#drawn = body;
      this.#panel.webview.html = createWebviewHtml(this.#panel.webview, this.#context.extensionUri, {
        title: vscode.l10n.t('Spending'),
        style: 'spending.css',
        body,
      });
    }
  }
}
