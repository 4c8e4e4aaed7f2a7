import * as vscode from 'vscode';

/** The user went back a step; `undefined` means that they gave up altogether, or that another input took the place. */
export const BACK = Symbol('back');
/** The answer to an input, `BACK`, or `undefined` when the user gave up. */
export type InputResult<T> = T | typeof BACK | undefined;

/** Shows a modal dialog with one button that goes on; VS Code adds Cancel. */
export async function confirm(question: string, detail: string, goOn: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, goOn)) === goOn;
}

interface StepOptions {
  title: string;
  placeholder?: string | undefined;
  /** Whether there is a step to go back to, by the button or by Escape. */
  back?: boolean | undefined;
}

/** The context key of the key binding in package.json that makes Escape press the Back button. */
const CAN_GO_BACK = 'seedance.canGoBack';

export interface PickOptions<T extends vscode.QuickPickItem> extends StepOptions {
  items: readonly T[];
  active?: T | undefined;
  /** Keeps the list open when it loses focus; the default is `back`. Escape closes it, or goes a step back. */
  ignoreFocusOut?: boolean | undefined;
  matchOnDescription?: boolean | undefined;
  /** Called with the open list, to keep it up to date. The returned disposable is disposed when the list closes. */
  onDidShow?: (pick: vscode.QuickPick<T>) => vscode.Disposable;
}

/** Asks for one item of a list. */
export function showPick<T extends vscode.QuickPickItem>(options: PickOptions<T>): Promise<InputResult<T>> {
  const list = vscode.window.createQuickPick<T>();
  list.title = options.title;
  list.placeholder = options.placeholder;
  list.matchOnDescription = options.matchOnDescription ?? false;
  // A click beside the list must not discard what was entered in earlier steps.
  list.ignoreFocusOut = options.ignoreFocusOut ?? options.back ?? false;
  list.items = options.items;
  if (options.active) {
    list.activeItems = [options.active];
  }
  const companion = options.onDidShow?.(list);
  return showUntilAnswered(list, options.back, (finish: (answer: T) => void) => [
    list.onDidAccept(() => {
      const chosen = list.selectedItems[0] ?? list.activeItems[0];
      if (chosen) {
        finish(chosen);
      }
    }),
    ...(companion ? [companion] : []),
  ]);
}

export interface InputOptions extends StepOptions {
  prompt?: string | undefined;
  value?: string | undefined;
  password?: boolean | undefined;
  /** Why the text cannot be used, in one sentence. Asked at every change, but for an empty box only at Enter. */
  validate: (text: string) => string | undefined;
  /**
   * A longer check at Enter, with progress in the box. Returns a problem, which keeps the box open for correction.
   * Aborted when the box is closed.
   */
  check?: ((text: string, signal: AbortSignal) => Promise<string | undefined>) | undefined;
  /** Called at every change, so that what was typed outlives the box. */
  onDidChange?: ((text: string) => void) | undefined;
  /** Selects nothing of the value: it is edited, and not replaced. */
  caretAtEnd?: boolean | undefined;
}

/** A button in the corner of the box, which answers instead of Enter. It gets the text typed so far. */
export interface InputButton<T> {
  button: vscode.QuickInputButton;
  answer: (text: string) => T;
}

/** Asks for a line of text. Stays open without focus, so that the user can copy a link or a key elsewhere. */
export function showInput<T = never>(
  options: InputOptions & { extras?: readonly InputButton<T>[] | undefined },
): Promise<InputResult<string | T>> {
  const { extras = [] } = options;
  const box = vscode.window.createInputBox();
  box.title = options.title;
  box.placeholder = options.placeholder;
  box.prompt = options.prompt;
  box.password = options.password ?? false;
  box.ignoreFocusOut = true;
  box.value = options.value ?? '';
  const closed = new AbortController();

  const isFit = async (text: string) => {
    box.validationMessage = options.validate(text);
    if (box.validationMessage !== undefined || !options.check) {
      return box.validationMessage === undefined;
    }
    box.enabled = false;
    box.busy = true;
    const problem = await options.check(text, closed.signal);
    if (closed.signal.aborted) {
      return false;
    }
    box.enabled = true;
    box.busy = false;
    box.validationMessage = problem;
    return problem === undefined;
  };

  box.buttons = extras.map(({ button }) => button);
  if (extras.length > 0 || options.caretAtEnd) {
    // The user types on: one key must not replace all that was typed before.
    box.valueSelection = [box.value.length, box.value.length];
  }
  return showUntilAnswered(box, options.back, (finish: (answer: string | T) => void, fail) => [
    box.onDidTriggerButton((button) => {
      const extra = extras.find((known) => known.button === button);
      if (extra) {
        finish(extra.answer(box.value));
      }
    }),
    box.onDidChangeValue((text) => {
      options.onDidChange?.(text);
      box.validationMessage = text === '' ? undefined : options.validate(text);
    }),
    box.onDidAccept(() => {
      const text = box.value;
      if (box.enabled) {
        void isFit(text).then((fit) => (fit ? finish(text) : undefined), fail);
      }
    }),
    { dispose: () => closed.abort() },
  ]);
}

/** Shows an input until the user answers it, goes back, or closes it. */
function showUntilAnswered<T>(
  input: vscode.QuickInput & {
    buttons: readonly vscode.QuickInputButton[];
    onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
  },
  back: boolean | undefined,
  wire: (finish: (answer: T) => void, fail: (error: unknown) => void) => vscode.Disposable[],
): Promise<InputResult<T>> {
  return new Promise((resolve, reject) => {
    const close = () => {
      if (back) {
        void vscode.commands.executeCommand('setContext', CAN_GO_BACK, false);
      }
      for (const owned of disposables) {
        owned.dispose();
      }
    };
    const finish = (answer: InputResult<T>) => {
      // Resolve first: disposing of the input fires `onDidHide`, which would resolve with `undefined`.
      resolve(answer);
      close();
    };
    const fail = (error: unknown) => {
      reject(error instanceof Error ? error : new Error(String(error)));
      close();
    };
    if (back) {
      input.buttons = [vscode.QuickInputButtons.Back, ...input.buttons];
      // Before it is shown: a quick Escape must find it. Another input that takes the place, such as the palette, hides
      // this one without Escape: nothing may come back over that.
      void vscode.commands.executeCommand('setContext', CAN_GO_BACK, true);
    }
    const disposables: vscode.Disposable[] = [
      ...wire(finish, fail),
      input.onDidTriggerButton((button) => {
        if (button === vscode.QuickInputButtons.Back) {
          finish(BACK);
        }
      }),
      input.onDidHide(() => finish(undefined)),
      input,
    ];
    input.show();
  });
}

/** A step of several: stores its answer itself, and returns `BACK` or `undefined` like an input. */
export type InputStep = () => Promise<InputResult<unknown>>;

/**
 * Runs steps in turn. The user can go back to each.
 *
 * @param stepsNow called after each answer, because earlier answers decide which steps follow
 * @returns whether all steps were answered; going back from the first one counts as giving up
 */
export async function runSteps(stepsNow: () => readonly InputStep[]): Promise<boolean> {
  for (let index = 0; ;) {
    const step = stepsNow()[index];
    if (step === undefined) {
      return true;
    }
    const answer = await step();
    if (answer === undefined || (answer === BACK && index === 0)) {
      return false;
    }
    index += answer === BACK ? -1 : 1;
  }
}
