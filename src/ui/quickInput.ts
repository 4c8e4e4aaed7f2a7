import * as vscode from 'vscode';

/** The user went back a step; `undefined` means that they gave up altogether. */
export const BACK = Symbol('back');
export type InputResult<T> = T | typeof BACK | undefined;

/** One dialog with one way to go on; VS Code adds the other. */
export async function confirm(question: string, detail: string, goOn: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, goOn)) === goOn;
}

interface StepOptions {
  title: string;
  placeholder?: string;
  /** Whether there is a step to go back to. */
  back?: boolean;
}

export interface PickOptions<T extends vscode.QuickPickItem> extends StepOptions {
  items: readonly T[];
  active?: T | undefined;
  /** Whether a click beside it leaves it open; where there is a step to go back to it always does. Escape closes it. */
  ignoreFocusOut?: boolean;
  matchOnDescription?: boolean;
  /** Sees the open list: to keep it up to date. What is given back is disposed with it. */
  onDidShow?: (pick: vscode.QuickPick<T>) => vscode.Disposable;
}

/** One choice out of a list. */
export function showPick<T extends vscode.QuickPickItem>(options: PickOptions<T>): Promise<InputResult<T>> {
  const list = vscode.window.createQuickPick<T>();
  list.title = options.title;
  list.placeholder = options.placeholder;
  list.matchOnDescription = options.matchOnDescription ?? false;
  // What was typed and chosen before is not lost for a click beside the list.
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
  prompt?: string;
  value?: string;
  password?: boolean;
  /** Why the text cannot be used, in one sentence. Asked at every change, but for an empty box only at Enter. */
  validate: (text: string) => string | undefined;
  /**
   * A longer check at Enter, with a progress bar in the box. The text stays for correction when it gives a
   * problem back. Aborted when the box is closed.
   */
  check?: (text: string, signal: AbortSignal) => Promise<string | undefined>;
}

/** A button in the corner of the box. Pressed, it answers instead of the text; what was typed is handed to it. */
export interface InputButton<T> {
  button: vscode.QuickInputButton;
  answer: (text: string) => T;
}

/** A line of text. It does not go away when another window gets the focus: a link or a key is copied there. */
export function showInput<T = never>(
  options: InputOptions & { extra?: InputButton<T> | undefined },
): Promise<InputResult<string | T>> {
  const { extra } = options;
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

  if (extra) {
    box.buttons = [extra.button];
    // Back from what the button opened, the user types on.
    box.valueSelection = [box.value.length, box.value.length];
  }
  return showUntilAnswered(box, options.back, (finish: (answer: string | T) => void, fail) => [
    box.onDidTriggerButton((button) => {
      if (extra && button === extra.button) {
        finish(extra.answer(box.value));
      }
    }),
    box.onDidChangeValue((text) => {
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

/** Shows an input until it is answered, left by its back button, or closed. */
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
      for (const owned of disposables) {
        owned.dispose();
      }
    };
    const finish = (answer: InputResult<T>) => {
      // Before the input goes: hiding it fires `onDidHide`, which would answer "given up".
      resolve(answer);
      close();
    };
    const fail = (error: unknown) => {
      reject(error instanceof Error ? error : new Error(String(error)));
      close();
    };
    if (back) {
      input.buttons = [vscode.QuickInputButtons.Back, ...input.buttons];
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

/** One question of several: stores its answer by itself and says whether there was one. */
export type InputStep = () => Promise<InputResult<unknown>>;

/**
 * Asks questions in turn. Each may be gone back to, and finds there what was typed.
 *
 * @param stepsNow asked anew after each answer: what was said before decides what comes next
 * @returns whether all were answered; back from the first one and giving up are the same
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
