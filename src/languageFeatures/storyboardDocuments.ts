import * as vscode from 'vscode';
import { Disposable, Emitter, type Event } from '../common/events';
import type { ExtensionServices } from '../container';
import { getCheckContext, type ReadStoryboard } from '../platform/storyboardFiles';
import { checkStoryboard, listFiles, RemarkMemory, type CheckContext } from '../storyboard/check';
import { StoryboardReader } from '../storyboard/parse';
import type { Problem } from '../storyboard/problem';
import { PromptMemory, resolveStoryboard } from '../storyboard/resolve';
import { ReferencedFiles } from '../platform/referencedFiles';
import { isStoryboard } from '../platform/storyboardSelector';

/** Keys typed within this time are looked at once. */
const CHECK_AFTER_MS = 150;
/**
 * Longer texts are read ahead in steps, so that nobody waits for them: short ones too when nothing of them is known yet.
 * In UTF-16.
 */
const READ_AHEAD_CHARS = 50_000;
const READ_FIRST_CHARS = 5_000;
const STEP_MS = 10;

interface Entry {
  reader: StoryboardReader;
  prompts: PromptMemory;
  memory: RemarkMemory;
  timer: ReturnType<typeof setTimeout> | undefined;
  ahead?: { version: number; done: Promise<void> } | undefined;
  read?: (ReadStoryboard & { version: number; revision: number }) | undefined;
  checked?: { read: ReadStoryboard; files: number; problems: readonly Problem[] } | undefined;
}

/** The storyboards that are open: read and checked when they are asked for, and again when they or their files change. */
export class StoryboardDocuments extends Disposable {
  readonly #services: Pick<ExtensionServices, 'modelCatalog'>;
  readonly #entries = new Map<vscode.TextDocument, Entry>();
  readonly #files = new ReferencedFiles();
  readonly #onDidCheck = this._register(new Emitter<{ read: ReadStoryboard; problems: readonly Problem[] }>());
  readonly #onDidClose = this._register(new Emitter<vscode.TextDocument>());
  /** A storyboard was checked after a change. */
  readonly onDidCheck: Event<{ read: ReadStoryboard; problems: readonly Problem[] }> = this.#onDidCheck.event;
  readonly onDidClose: Event<vscode.TextDocument> = this.#onDidClose.event;
  /** Rises when what stands beside the documents changes: models, settings. */
  #revision = 0;
  #filesRevision = 0;

  constructor(services: Pick<ExtensionServices, 'modelCatalog'>) {
    super();
    this.#services = services;
    const { workspace } = vscode;
    this._register(workspace.onDidOpenTextDocument((document) => this.#open(document)));
    this._register(workspace.onDidCloseTextDocument((document) => this.#close(document)));
    this._register(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && this.#entries.has(document)) {
          this.#checkSoon(document);
        }
      }),
    );
    this._register(
      workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('seedance') && this.#changed()),
    );
    this._register(services.modelCatalog.onDidChange(() => this.#changed()));
    const lookAgain = () => {
      this.#files.forget();
      this.#checkAll();
    };
    this._register(workspace.onDidCreateFiles(lookAgain));
    this._register(workspace.onDidDeleteFiles(lookAgain));
    this._register(workspace.onDidRenameFiles(lookAgain));
    this._register(
      workspace.onDidSaveTextDocument((document) => this.#entries.has(document) && this.#checkSoon(document)),
    );
    this._register(
      vscode.window.onDidChangeActiveTextEditor(
        (editor) => editor && this.#entries.has(editor.document) && this.#checkSoon(editor.document),
      ),
    );
    this._register({ dispose: () => this.#entries.forEach(({ timer }) => clearTimeout(timer)) });
    workspace.textDocuments.forEach((document) => this.#open(document));
  }

  /** Reads a document as it is now. `undefined` for what is no storyboard. */
  async read(document: vscode.TextDocument): Promise<ReadStoryboard | undefined> {
    const entry = this.#entries.get(document);
    if (!entry) {
      return undefined;
    }
    const { version } = document;
    const isLong = document.getText().length > (entry.read ? READ_AHEAD_CHARS : READ_FIRST_CHARS);
    if (entry.read?.version !== version && isLong) {
      // Lenses, diagnostics and what else VS Code asks for wait for one reading.
      if (entry.ahead?.version !== version) {
        entry.ahead = { version, done: readAhead(document, entry.reader) };
      }
      await entry.ahead.done;
    }
    return this.#entries.has(document) ? this.#readNow(document, entry) : undefined;
  }

  /** The problems of a document as it is now. */
  async check(
    document: vscode.TextDocument,
  ): Promise<{ read: ReadStoryboard; problems: readonly Problem[] } | undefined> {
    const read = await this.read(document);
    const entry = this.#entries.get(document);
    return read && entry && { read, problems: this.#checkNow(entry, read) };
  }

  #readNow(document: vscode.TextDocument, entry: Entry): ReadStoryboard {
    const known = entry.read;
    if (known?.version === document.version && known.revision === this.#revision) {
      return known;
    }
    const text = document.getText();
    const storyboard = known?.version === document.version ? known.storyboard : entry.reader.read(text);
    const resolved = resolveStoryboard(storyboard, this.#getContext(document.uri), entry.prompts);
    entry.read = { document, text, storyboard, resolved, version: document.version, revision: this.#revision };
    return entry.read;
  }

  #checkNow(entry: Entry, read: ReadStoryboard): readonly Problem[] {
    if (entry.checked?.read !== read || entry.checked.files !== this.#filesRevision) {
      const problems = checkStoryboard(read.text, read.resolved, this.#getContext(read.document.uri), entry.memory);
      entry.checked = { read, files: this.#filesRevision, problems };
    }
    return entry.checked.problems;
  }

  #getContext(uri: vscode.Uri): CheckContext {
    return getCheckContext(this.#services.modelCatalog, uri, this.#files);
  }

  #open(document: vscode.TextDocument): void {
    if (isStoryboard(document) && !this.#entries.has(document)) {
      this.#entries.set(document, {
        reader: new StoryboardReader(),
        prompts: new PromptMemory(),
        memory: new RemarkMemory(),
        timer: undefined,
      });
      this.#checkSoon(document, 0);
    }
  }

  #close(document: vscode.TextDocument): void {
    clearTimeout(this.#entries.get(document)?.timer);
    if (this.#entries.delete(document)) {
      this.#onDidClose.fire(document);
    }
  }

  #changed(): void {
    this.#revision++;
    this.#checkAll();
  }

  #checkAll(): void {
    this.#entries.forEach((_, document) => this.#checkSoon(document));
  }

  #checkSoon(document: vscode.TextDocument, afterMs = CHECK_AFTER_MS): void {
    const entry = this.#entries.get(document);
    if (entry) {
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => void this.#tell(document), afterMs);
    }
  }

  async #tell(document: vscode.TextDocument): Promise<void> {
    const checked = await this.check(document);
    if (!checked || checked.read.document.version !== document.version) {
      return;
    }
    this.#onDidCheck.fire(checked);
    const entry = this.#entries.get(document);
    if (entry?.memory.isBehind) {
      entry.checked = undefined;
      this.#checkSoon(document);
    }
    if (await this.#files.look(document.uri, listFiles(checked.read.resolved))) {
      this.#filesRevision++;
      const again = this.#entries.has(document) ? await this.check(document) : undefined;
      if (again) {
        this.#onDidCheck.fire(again);
      }
    }
  }
}

async function readAhead(document: vscode.TextDocument, reader: StoryboardReader): Promise<void> {
  const { version } = document;
  let since = performance.now();
  await reader.warm(document.getText(), async () => {
    if (performance.now() - since > STEP_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      since = performance.now();
    }
    return !document.isClosed && document.version === version;
  });
}
