import * as vscode from 'vscode';
import { systemClock, type Clock } from '../common/clock';
import { Disposable } from '../common/events';

/** Of package.json, where menus test for it. */
const CONTEXT = 'seedance.imageInSight';
/** As in package.json: the languages in which “Use image at cursor” is offered. */
const LANGUAGES = /^(markdown|mdx|html|vue|svelte|astro|php|handlebars)$/;
/** Moves of the cursor and scrolling within this time are looked at once, so that typing and scrolling stay free. */
const LOOK_AFTER_MS = 100;
const MAX_LINES = 400;
const MAX_LINE_CHARS = 2_000;

const IMAGE = /!\[|<img\b|<image\b|data:image\/|\.(?:a?png|jp(?:e?g|e)|jfif|pjpe?g|pjp|webp|bmp|dib|tiff?|gif)\b/i;

/**
 * Tells menus whether the user sees a reference to an image. Not whether it is at the cursor: a click that opens the
 * menu moves the cursor there, and VS Code draws the menu before extensions hear of it.
 */
export class ImageInSight extends Disposable {
  readonly #clock: Clock;
  #timer: unknown;
  #isInSight = false;

  constructor(clock: Clock = systemClock) {
    super();
    this.#clock = clock;
    const look = ({ textEditor }: { textEditor: vscode.TextEditor }) => this.#lookSoon(textEditor);
    this._register(vscode.window.onDidChangeActiveTextEditor((editor) => this.#lookSoon(editor)));
    this._register(vscode.window.onDidChangeTextEditorVisibleRanges(look));
    this._register(vscode.window.onDidChangeTextEditorSelection(look));
    this._register({ dispose: () => this.#clock.clearTimeout(this.#timer) });
    this.#lookSoon(vscode.window.activeTextEditor);
  }

  #lookSoon(editor: vscode.TextEditor | undefined): void {
    // In other languages menus do not ask.
    if (editor && LANGUAGES.test(editor.document.languageId)) {
      this.#timer ??= this.#clock.setTimeout(() => {
        this.#timer = undefined;
        this.#look();
      }, LOOK_AFTER_MS);
    }
  }

  #look(): void {
    const editor = vscode.window.activeTextEditor;
    const isInSight = editor !== undefined && hasImageInSight(editor);
    if (isInSight !== this.#isInSight) {
      this.#isInSight = isInSight;
      void vscode.commands.executeCommand('setContext', CONTEXT, isInSight);
    }
  }
}

/** Reads the visible lines and that of the cursor, and of long ones the beginning: no more, however long the text is. */
export function hasImageInSight({
  document,
  visibleRanges,
  selection,
}: Pick<vscode.TextEditor, 'document' | 'visibleRanges' | 'selection'>): boolean {
  const isImage = (line: number) => IMAGE.test(document.lineAt(line).text.slice(0, MAX_LINE_CHARS));
  let left = MAX_LINES;
  for (const { start, end } of visibleRanges) {
    for (let line = start.line; line <= end.line && left > 0; line++, left--) {
      if (isImage(line)) {
        return true;
      }
    }
  }
  return isImage(selection.active.line);
}
