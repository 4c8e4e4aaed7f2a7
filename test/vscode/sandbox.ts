/** One temporary folder that takes everything a VS Code writes, so that no test touches anyone's home. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Settings as in settings.json. */
export type Settings = Readonly<Record<string, unknown>>;

/** A quiet VS Code: no network of its own, no tips, nothing that moves or asks. */
const QUIET: Settings = {
  'telemetry.telemetryLevel': 'off',
  'workbench.enableExperiments': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.reduceMotion': 'on',
  'workbench.preferredLightColorTheme': 'Light Modern',
  'workbench.preferredDarkColorTheme': 'Dark Modern',
  'window.autoDetectColorScheme': true, // so that a page chooses its theme: Workbench.useTheme
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'security.workspace.trust.enabled': false,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
};

/** What must not leak in from the shell, above all from the terminal of another VS Code. */
const FOREIGN_VARIABLES = /^(PORT|PASSWORD|HASHED_PASSWORD|NODE_OPTIONS|ELECTRON_.*|VSCODE_.*|npm_.*)$/;

export class Sandbox {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'seedance-'));
  readonly userData = this.folder('user-data');
  readonly extensions = this.folder('extensions');
  readonly config = path.join(this.root, 'config.yaml');
  /** The environment for whatever is started in here. */
  readonly env: NodeJS.ProcessEnv;
  #settings: Settings = {};

  constructor() {
    const home = this.folder('home');
    this.env = {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN_VARIABLES.test(name))),
      HOME: home,
      XDG_CONFIG_HOME: path.join(home, '.config'),
      XDG_DATA_HOME: path.join(home, '.local', 'share'),
      XDG_CACHE_HOME: path.join(home, '.cache'),
      TMPDIR: this.folder('tmp'), // VS Code's sockets
      EXTENSIONS_GALLERY: '{}', // no marketplace
    };
    process.once('exit', this.#removeAtExit);
    this.resetSettings();
    this.#offerRussian();
  }

  /** Makes a folder below the root, and its parents; gives its path. */
  folder(...names: string[]): string {
    const folder = path.join(this.root, ...names);
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Back to the settings of a new sandbox. */
  resetSettings(): void {
    this.#settings = {};
    this.changeSettings(QUIET);
  }

  /**
   * Merges into the user's settings; `undefined` removes one. They count for windows that open or reload
   * after this: in an open one code-server's file watcher sees the first changes, then no more.
   */
  changeSettings(changes: Settings): void {
    this.#settings = { ...this.#settings, ...changes };
    writeFileSync(
      path.join(this.folder('user-data', 'User'), 'settings.json'),
      JSON.stringify(this.#settings, null, 2),
    );
  }

  remove(): void {
    process.removeListener('exit', this.#removeAtExit);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  readonly #removeAtExit = (): void => this.remove();

  /**
   * Registers an empty Russian language pack: the workbench itself stays English, but
   * `vscode.env.language`, `package.nls.ru.json` and the l10n bundle of an extension become Russian for
   * every page whose browser asks for Russian. VS Code lists its packs in languagepacks.json, wants each
   * to come from an extension (which it only names), and heeds the page's language only where an
   * argv.json without a locale exists.
   */
  #offerRussian(): void {
    const translations = path.join(this.folder('language-pack-ru'), 'main.i18n.json');
    writeFileSync(translations, JSON.stringify({ contents: {} }));
    writeFileSync(path.join(this.folder('user-data', 'User'), 'argv.json'), '{}');
    writeFileSync(
      path.join(this.userData, 'languagepacks.json'),
      JSON.stringify({
        ru: {
          hash: 'empty',
          label: 'русский',
          extensions: [{ extensionIdentifier: { id: 'seedance-test.language-pack-ru' }, version: '1.0.0' }],
          translations: { vscode: translations },
        },
      }),
    );
  }
}
