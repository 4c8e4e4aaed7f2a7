/** A page with VS Code's workbench, and what a user does there. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';
import type { Server } from './server';

const STATE_WRITTEN_MS = 8_000;
const OPEN_TIMEOUT_MS = 60_000;
const SHOW_TIMEOUT_MS = 15_000;
const COMMAND_TIMEOUT_MS = 30_000;

/** Extensions and a test entry that VS Code loads from folders, as with F5. All are absolute paths. */
export interface Development {
  readonly extensions: readonly string[];
  readonly tests?: string;
}

export interface OpenOptions {
  readonly development?: Development;
  /** Called for the fresh page before it loads anything. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Colour themes by kind: what the browser says of its system, and the class that the workbench takes on. */
const THEMES = {
  light: { media: { colorScheme: 'light', forcedColors: 'none' }, className: 'vs' },
  dark: { media: { colorScheme: 'dark', forcedColors: 'none' }, className: 'vs-dark' },
  highContrast: { media: { colorScheme: 'dark', forcedColors: 'active' }, className: 'hc-black' },
  highContrastLight: { media: { colorScheme: 'light', forcedColors: 'active' }, className: 'hc-light' },
} as const;

export type Theme = keyof typeof THEMES;

export class Workbench {
  /** The palette's, a quick pick's or an input box's list and field: VS Code has one of them at a time. */
  readonly quickInput: Locator;

  private constructor(readonly page: Page) {
    this.quickInput = page.locator('.quick-input-widget:visible');
  }

  /**
   * Opens a folder, a `.code-workspace` file or, without either, an empty window, and waits until the workbench
   * is there. Extensions may still be on their way.
   */
  static async open(
    profile: BrowserContext,
    server: Server,
    folder: string | undefined,
    options: OpenOptions = {},
  ): Promise<Workbench> {
    const page = await profile.newPage();
    // tsx keeps function names by calling __name, which a function sent to the page would miss.
    await page.addInitScript('globalThis.__name ??= (value) => value;');
    if (options.development) await page.addInitScript(developmentScript(server, options.development));
    await options.prepare?.(page);
    await page.goto(server.addressOf(folder));
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: OPEN_TIMEOUT_MS });
    return new Workbench(page);
  }

  /** Runs a command by its full title, such as `Seedance: Set API key`, from the palette. */
  async runCommand(title: string): Promise<void> {
    const row = await this.#findCommand(title, COMMAND_TIMEOUT_MS);
    if (row === undefined) throw new Error(`The palette does not offer "${title}".`);
    await row.click();
  }

  /** Whether the palette offers a command now; the palette is closed again. */
  async offersCommand(title: string): Promise<boolean> {
    const row = await this.#findCommand(title, 0);
    await this.page.keyboard.press('Escape');
    return row !== undefined;
  }

  /** Types into the input box or quick pick that is open, and accepts. */
  async answer(text: string): Promise<void> {
    await this.quickInput.locator('input').first().fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Accepts what the quick pick or input box suggests. */
  async accept(): Promise<void> {
    await this.quickInput.waitFor({ timeout: SHOW_TIMEOUT_MS });
    await this.page.keyboard.press('Enter');
  }

  /** Chooses the first row that holds a text in the quick pick that is open. */
  async pick(text: string | RegExp): Promise<void> {
    await this.quickInput.locator('.monaco-list-row', { hasText: text }).first().click({ timeout: SHOW_TIMEOUT_MS });
  }

  /** Opens a file of the workspace by its name, in an editor tab that stays. */
  async openFile(name: string): Promise<void> {
    const row = this.quickInput.locator('.monaco-list-row', { hasText: name }).first();
    await retry(COMMAND_TIMEOUT_MS, async () => {
      await this.#closeQuickInput();
      await this.page.keyboard.press('Control+P');
      await this.quickInput.locator('input').fill(name, { timeout: 2_000 });
      await row.waitFor({ timeout: 2_000 });
    });
    await row.click();
    await this.page.locator('.tabs-container .tab', { hasText: name }).waitFor({ timeout: SHOW_TIMEOUT_MS });
  }

  /** Selects a text in the active editor, the way a user finds and marks it. */
  async selectText(text: string): Promise<void> {
    await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await this.page.keyboard.press('Control+F');
    const field = this.page.locator('.find-widget.visible .find-part textarea');
    await field.fill(text);
    await this.page.keyboard.press('Enter');
    await this.page
      .locator('.find-widget.visible .matchesCount', { hasText: /\d+ of \d+/ })
      .waitFor({ timeout: SHOW_TIMEOUT_MS });
    const widget = this.page.locator('.find-widget.visible');
    // The match stays selected. A message takes the first Escape, and what is typed then goes into the field.
    for (let times = 0; times < 3 && (await widget.count()) > 0; times++) {
      await this.page.keyboard.press('Escape');
      await widget.waitFor({ state: 'detached', timeout: 1_000 }).catch(() => undefined);
    }
  }

  /** The toast that holds a text. */
  notification(text: string | RegExp): Locator {
    return this.page
      .locator('.notification-toast', { has: this.page.locator('.notification-list-item-message', { hasText: text }) })
      .first();
  }

  /** Waits for the toast that holds a text, and gives its whole message. */
  async waitForNotification(text: string | RegExp): Promise<string> {
    const toast = this.notification(text);
    await toast.waitFor({ timeout: SHOW_TIMEOUT_MS });
    return toast.locator('.notification-list-item-message').innerText();
  }

  /** Presses a button of the toast that holds a text. */
  async pressInNotification(text: string | RegExp, button: string): Promise<void> {
    const toast = this.notification(text);
    await toast.waitFor({ timeout: SHOW_TIMEOUT_MS });
    await toast.locator('.monaco-button', { hasText: button }).click();
  }

  /** A modal dialog. */
  get dialog(): Locator {
    return this.page.locator('.monaco-dialog-box');
  }

  /** The icon of a view container in the activity bar. */
  container(title: string): Locator {
    return this.page.locator(`.activitybar a.action-label[aria-label^="${title}"]`);
  }

  /** Shows a view container in the side bar; one that shows already is left alone: a click would hide it. */
  async openContainer(title: string): Promise<void> {
    await this.container(title).waitFor({ timeout: COMMAND_TIMEOUT_MS });
    const shown = this.page.locator('.sidebar .composite.title', { hasText: new RegExp(title, 'i') });
    // A window that is still being restored shows the container by itself, and a click would hide it again.
    await retry(SHOW_TIMEOUT_MS, async () => {
      if (!(await shown.isVisible())) {
        await this.container(title).click({ force: true }); // a badge lies over it
        await shown.waitFor({ timeout: 3_000 });
      }
    });
  }

  /** The rows of the side bar's tree that hold a text. */
  treeRow(text: string | RegExp): Locator {
    return this.page.locator('.sidebar .pane-body .monaco-list-row', { hasText: text });
  }

  /**
   * Chooses from a row's context menu, which takes no clicks in its first moments, and which closes unasked when a page
   * that was just opened takes the focus.
   */
  async chooseInMenu(row: Locator, entry: string): Promise<void> {
    const item = this.page.locator('.monaco-menu .action-menu-item', { hasText: entry }).first();
    let isClicked = false;
    await retry(SHOW_TIMEOUT_MS, async () => {
      if (!isClicked && !(await item.isVisible())) {
        await row.click({ button: 'right', timeout: 1_000 });
        await item.waitFor({ timeout: 2_000 });
      }
      if (await item.isVisible()) {
        await item.click({ timeout: 1_000 });
        isClicked = true;
      }
      await item.waitFor({ state: 'detached', timeout: 500 });
    });
  }

  /** The document of a webview: the workbench wraps it into two frames. */
  webview(index = 0): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').nth(index).frameLocator('iframe#active-frame');
  }

  /** Entries of the status bar that hold a text. */
  statusBarItem(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text });
  }

  /** What the clipboard holds. */
  async clipboard(): Promise<string> {
    return this.page.evaluate('navigator.clipboard.readText()');
  }

  /** Changes the colour theme of this window, as a system that turns dark does. */
  async useTheme(theme: Theme): Promise<void> {
    const { media, className } = THEMES[theme];
    await this.page.emulateMedia(media);
    await this.page.locator(`.monaco-workbench.${className}`).waitFor({ timeout: SHOW_TIMEOUT_MS });
  }

  async screenshot(file: string): Promise<void> {
    await this.page.screenshot({ path: file });
  }

  /**
   * Loads the window anew and waits for the workbench: Developer: Reload Window. In a browser VS Code writes which tabs
   * are open every five seconds, once it is idle, and not while it closes: what was opened just before is lost.
   */
  async reload(): Promise<void> {
    await this.page.waitForTimeout(STATE_WRITTEN_MS);
    await this.page.reload();
    await this.page.locator('.monaco-workbench .statusbar').waitFor({ timeout: OPEN_TIMEOUT_MS });
  }

  /** Closes the window in good order, so that the extension is deactivated. */
  async close(): Promise<void> {
    const closed = this.page.waitForEvent('close', { timeout: SHOW_TIMEOUT_MS });
    await this.page.close({ runBeforeUnload: true });
    await closed;
  }

  /** Only when one is open: elsewhere Escape does other things, such as dropping the editor's selection. */
  async #closeQuickInput(): Promise<void> {
    if (await this.quickInput.isVisible()) await this.page.keyboard.press('Escape');
  }

  /**
   * The palette's list is fixed when it opens, extensions register after the workbench shows, and an F1 in
   * the first moments is lost: so it is opened anew until the command is there or the time is over.
   */
  async #findCommand(title: string, timeoutMs: number): Promise<Locator | undefined> {
    const row = this.quickInput.getByRole('option', { name: title }).first();
    try {
      await retry(timeoutMs, async () => {
        await this.#closeQuickInput();
        await this.page.keyboard.press('F1');
        await this.quickInput.locator('input').fill(`>${title}`, { timeout: 2_000 });
        await row.waitFor({ timeout: 1_500 });
      });
      return row;
    } catch {
      return undefined;
    }
  }
}

/** Tries until it works; after the time the last error is thrown. At least one try is made. */
export async function retry<T>(timeoutMs: number, attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/**
 * Gives the page `developmentOptions` before the workbench reads its configuration. VS Code has a URL
 * parameter for it, but wants the smoke test driver with it, which suppresses all notifications.
 */
function developmentScript(server: Server, development: Development): string {
  const uri = (file: string) => ({ scheme: 'vscode-remote', authority: `127.0.0.1:${server.port}`, path: file });
  const options = {
    extensions: development.extensions.map(uri),
    ...(development.tests === undefined ? {} : { extensionTestsPath: uri(development.tests) }),
  };
  return `if (window === window.top) {
    const observer = new MutationObserver(() => {
      const element = document.getElementById('vscode-workbench-web-configuration');
      if (!element) return;
      observer.disconnect();
      const configuration = JSON.parse(element.dataset.settings);
      configuration.developmentOptions = { ...configuration.developmentOptions, ...${JSON.stringify(options)} };
      element.dataset.settings = JSON.stringify(configuration);
    });
    observer.observe(document, { childList: true, subtree: true });
  }`;
}
