import * as vscode from 'vscode';
import { Commands } from '../../constants';
import type { Clock } from '../../common/clock';
import { readSettings } from '../../platform/settings';
import { Disposable } from '../../common/events';
import type { TaskStore } from '../../tasks/storage/taskStore';
import { createWebviewHtml, getTabIcon, getWebviewRoots } from '../webviewHtml';
import { createSpendingHtml } from './spendingHtml';

/** What the spending panel needs. */
export interface SpendingContext {
  extensionUri: vscode.Uri;
  store: Pick<TaskStore, 'list' | 'removed' | 'onDidChange'>;
  clock: Clock;
}

/** Changes within this time redraw the page only once. */
const DRAW_AFTER_MS = 200;
/** How late the page may notice that a new day has begun. */
const REDRAW_EVERY_MS = 60_000;

/** The panel that shows spending. While it is visible it follows the tasks, the budget and the calendar. */
export class SpendingPanel extends Disposable {
  readonly #context: SpendingContext;
  readonly #panel: vscode.WebviewPanel;
  #drawn: string | undefined;
  /** Armed after a change of the tasks. */
  #changeTimer: unknown;
  /** Armed while the panel is visible. */
  #redrawTimer: unknown;

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
    this.#panel.iconPath = getTabIcon(context.extensionUri);
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
    this._register({
      dispose: () => {
        context.clock.clearTimeout(this.#changeTimer);
        context.clock.clearTimeout(this.#redrawTimer);
      },
    });
    this.#draw();
  }

  reveal(): void {
    this.#panel.reveal();
  }

  #drawSoon(): void {
    this.#changeTimer ??= this.#context.clock.setTimeout(() => {
      this.#changeTimer = undefined;
      this.#draw();
    }, DRAW_AFTER_MS);
  }

  /** A hidden page is not drawn and no timer is armed: becoming visible draws it. */
  #draw(): void {
    const { store, clock } = this.#context;
    clock.clearTimeout(this.#redrawTimer);
    if (this.isDisposed || !this.#panel.visible) {
      return;
    }
    this.#redrawTimer = clock.setTimeout(() => this.#draw(), REDRAW_EVERY_MS);
    const body = createSpendingHtml({
      records: [...store.list(), ...store.removed()],
      now: clock.now(),
      budget: readSettings().dailyBudget,
    });
    // Setting the HTML resets the scroll position, so only for a real change.
    if (body !== this.#drawn) {
      this.#drawn = body;
      this.#panel.webview.html = createWebviewHtml(this.#panel.webview, this.#context.extensionUri, {
        title: vscode.l10n.t('Spending'),
        styles: ['spending.css'],
        body,
      });
    }
  }
}
