/**
 * The little of VS Code that the views' pure parts use, for plain Node. Importing this file makes
 * `vscode` resolve to it, for what is imported with `import()` from then on.
 */
import { register } from 'node:module';
import { posix } from 'node:path';

const hook = `export const resolve = (name, context, next) =>
  name === 'vscode' ? { url: ${JSON.stringify(import.meta.url)}, shortCircuit: true } : next(name, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

export class Disposable {
  static from = (...owned: { dispose(): unknown }[]) => new Disposable(() => owned.forEach((one) => one.dispose()));
  constructor(readonly dispose: () => unknown) {}
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => unknown>();
  readonly event = (listener: (event: T) => unknown): Disposable => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };
  fire(event: T): void {
    this.#listeners.forEach((listener) => listener(event));
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationError extends Error {}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
export class MarkdownString {
  isTrusted?: boolean;
  supportHtml?: boolean;
  supportThemeIcons?: boolean;
  constructor(readonly value = '') {}
}
export class TreeItem {
  id?: string;
  description?: string;
  contextValue?: string;
  constructor(
    readonly label: string,
    readonly collapsibleState?: number,
  ) {}
}
export const QuickInputButtons = { Back: { iconPath: 'back' } };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };

/** A translation for the tests that look at one; English without. */
export const bundle = new Map<string, string>();
export const l10n = {
  t: (message: string, ...values: unknown[]) =>
    (bundle.get(message) ?? message).replace(/\{(\d)\}/g, (_, n: string) => String(values[Number(n)])),
};
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };
export const UIKind = { Desktop: 1, Web: 2 };
export const env = { language: process.env['SEEDANCE_TEST_LANGUAGE'] ?? 'en' };

/** As VS Code writes them: percent-encoded, with an authority for what is not on a disk. */
export class Uri {
  constructor(
    readonly scheme: string,
    readonly path: string,
    readonly authority = '',
  ) {}
  static file = (path: string) => new Uri('file', path);
  static parse = (text: string, _strict?: boolean) => {
    const [, scheme, authority, path] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?([^?#]*)/i.exec(text) ?? [];
    if (scheme === undefined || (!authority && path?.startsWith('//'))) {
      throw new Error(`[UriError]: ${text}`);
    }
    return new Uri(scheme, decodeURIComponent(path!), authority ?? '');
  };
  static from = ({ scheme, path = '', authority = '' }: { scheme: string; path?: string; authority?: string }) =>
    new Uri(scheme, path, authority);
  static joinPath = (base: Uri, ...parts: string[]) =>
    new Uri(base.scheme, posix.join(base.path, ...parts), base.authority);
  /** Without query and fragment, which this one has not. */
  with = ({ scheme = this.scheme, path = this.path }: { scheme?: string; path?: string } = {}) =>
    new Uri(scheme, path, this.authority);
  get fsPath(): string {
    return this.authority === '' ? this.path : `//${this.authority}${this.path}`;
  }
  toString = () => `${this.scheme}://${this.authority}${this.path.split('/').map(encodeURIComponent).join('/')}`;
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
export class Range {
  constructor(
    readonly start: Position,
    readonly end: Position,
  ) {}
}
/** Of one document. */
export class WorkspaceEdit {
  readonly edits: { uri: Uri; range: Range; text: string }[] = [];
  replace(uri: Uri, range: Range, text: string): void {
    this.edits.push({ uri, range, text });
  }
  insert(uri: Uri, position: Position, text: string): void {
    this.replace(uri, new Range(position, position), text);
  }
}

export class FileSystemError extends Error {
  constructor(
    readonly code: string,
    about: string,
  ) {
    super(`${code}: ${about}`);
  }
  static FileNotFound = (uri: Uri) => new FileSystemError('FileNotFound', uri.toString());
  static FileExists = (uri: Uri) => new FileSystemError('FileExists', uri.toString());
  static FileIsADirectory = (uri: Uri) => new FileSystemError('FileIsADirectory', uri.toString());
}
export const FilePermission = { Readonly: 1 };
export const FileType = { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 };

/** What was asked of VS Code, newest last. */
export const executed: unknown[][] = [];
export const commands = {
  executeCommand: (...call: unknown[]) => {
    executed.push(call);
    return Promise.resolve();
  },
};

export class FakeTreeView {
  visible = true;
  badge: { value: number; tooltip: string } | undefined;
  message: string | undefined;
  title = 'Videos';
  selection: unknown[] = [];
  readonly revealed: unknown[] = [];
  readonly visibility = new EventEmitter<{ visible: boolean }>();
  readonly onDidChangeVisibility = this.visibility.event;
  reveal(element: unknown): Promise<void> {
    this.revealed.push(element);
    return Promise.resolve();
  }
  show(visible: boolean): void {
    this.visible = visible;
    this.visibility.fire({ visible });
  }
  dispose(): void {}
}
export const trees: FakeTreeView[] = [];

/** A webview panel: its page is only kept, not loaded. */
export class FakeWebviewPanel {
  visible = true;
  title = '';
  isDisposed = false;
  /** How often it was brought to the front, and whether the focus stayed where it was. */
  readonly reveals: (boolean | undefined)[] = [];
  /** What was sent to the page. */
  readonly sent: unknown[] = [];
  readonly #messages = new EventEmitter<unknown>();
  readonly webview = {
    html: '',
    cspSource: 'vscode-webview:',
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: this.#messages.event,
    postMessage: (message: unknown) => Promise.resolve(this.sent.push(message) > 0),
  };
  /** A message of the page. */
  say(message: unknown): void {
    this.#messages.fire(message);
  }
  readonly #viewState = new EventEmitter<void>();
  readonly #disposed = new EventEmitter<void>();
  readonly onDidChangeViewState = this.#viewState.event;
  readonly onDidDispose = this.#disposed.event;
  show(visible: boolean): void {
    this.visible = visible;
    this.#viewState.fire();
  }
  reveal(_column?: unknown, preserveFocus?: boolean): void {
    this.reveals.push(preserveFocus);
  }
  dispose(): void {
    if (!this.isDisposed) {
      this.isDisposed = true;
      this.#disposed.fire();
    }
  }
}
export const panels: FakeWebviewPanel[] = [];
interface PanelSerializer {
  deserializeWebviewPanel(panel: unknown, state: unknown): Promise<void>;
}
export const serializers: PanelSerializer[] = [];
interface ViewProvider {
  resolveWebviewView(view: unknown): unknown;
}
/** What draws views of the side bar, by their ids. */
export const viewProviders = new Map<string, ViewProvider>();
export class TabInputText {
  constructor(readonly uri: Uri) {}
}
export class TabInputTextDiff {}
export class TabInputNotebook {}
export class TabInputNotebookDiff {}
export class TabInputCustom {
  constructor(readonly uri: Uri) {}
}
export class TabInputWebview {
  constructor(readonly viewType: string) {}
}
/** The columns of editors: a test fills them as the user would. */
export interface FakeTabGroup {
  viewColumn: number;
  tabs: { input: unknown }[];
  activeTab: { input: unknown } | undefined;
}
export const tabGroups: { all: FakeTabGroup[]; activeTabGroup: FakeTabGroup } = {
  all: [],
  activeTabGroup: { viewColumn: 1, tabs: [], activeTab: undefined },
};
export const ViewColumn = { Active: -1, Beside: -2 };

export interface FakeMessage {
  readonly text: string;
  /** Of a modal dialog: what is below the question. */
  readonly detail: string;
  readonly buttons: readonly string[];
  /** Presses one of its buttons, or none. */
  readonly answer: (button?: string) => void;
}

/** What was said, newest last. */
export const messages: FakeMessage[] = [];
/** A user who answers at once. */
export const user: { onMessage?: ((message: FakeMessage) => void) | undefined } = {};
function say(text: string, ...more: unknown[]): Promise<string | undefined> {
  const [first] = more;
  const options = typeof first === 'object' && first !== null ? (first as { detail?: string }) : {};
  const buttons = more.filter((button): button is string => typeof button === 'string');
  return new Promise((answer) => {
    const message = { text, detail: options.detail ?? '', buttons, answer };
    messages.push(message);
    user.onMessage?.(message);
  });
}
const windowState = new EventEmitter<{ focused: boolean }>();
/** The user looks at this window, or at another. */
export function focusWindow(focused: boolean): void {
  window.state.focused = focused;
  windowState.fire(window.state);
}

export const window = {
  state: { focused: true },
  tabGroups,
  onDidChangeWindowState: windowState.event,
  showInformationMessage: say,
  showWarningMessage: say,
  showErrorMessage: say,
  createTreeView: () => {
    const tree = new FakeTreeView();
    trees.push(tree);
    return tree;
  },
  /** What brings panels back after a reload of the window. */
  registerWebviewPanelSerializer: (_type: string, serializer: PanelSerializer) => {
    serializers.push(serializer);
    return { dispose: () => undefined };
  },
  registerWebviewViewProvider: (id: string, provider: ViewProvider) => {
    viewProviders.set(id, provider);
    return { dispose: () => viewProviders.delete(id) };
  },
  createWebviewPanel: () => {
    const panel = new FakeWebviewPanel();
    panels.push(panel);
    return panel;
  },
  withProgress: <T>(_options: unknown, job: () => Promise<T>) => job(),
  setStatusBarMessage: () => undefined,
};

/** By their whole names: of the user, and of the workspace, which come first. */
export const settings = new Map<string, unknown>();
export const workspaceSettings = new Map<string, unknown>();
const configurationChanged = new EventEmitter<{ affectsConfiguration: (section: string) => boolean }>();
/** The user has written a setting. */
export function changeSetting(name: string, value: unknown): void {
  if (value === undefined) {
    settings.delete(name);
  } else {
    settings.set(name, value);
  }
  configurationChanged.fire({ affectsConfiguration: (section) => name.startsWith(section) });
}
export const workspace: {
  workspaceFolders: readonly { uri: Uri }[] | undefined;
  [name: string]: unknown;
} = {
  onDidChangeConfiguration: configurationChanged.event,
  onDidChangeWorkspaceFolders: new EventEmitter<unknown>().event,
  workspaceFolders: undefined,
  getConfiguration: (section: string) => ({
    update: (key: string, value: unknown) => Promise.resolve(changeSetting(`${section}.${key}`, value)),
    get: (key: string) => {
      const name = `${section}.${key}`;
      return workspaceSettings.has(name) ? workspaceSettings.get(name) : settings.get(name);
    },
    inspect: (key: string) => ({
      key: `${section}.${key}`,
      globalValue: settings.get(`${section}.${key}`),
      workspaceValue: workspaceSettings.get(`${section}.${key}`),
    }),
  }),
};
