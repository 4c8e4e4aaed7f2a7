/**
 * Hands for a suite that has no keyboard: they answer the input box that a command opens. All extensions of a
 * host get their boxes from one class, so a box is met where it is shown, filled in by its own API, and
 * accepted by the workbench's command.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

const ACCEPT_EVERY_MS = 100;

/** Runs what opens an input box, answers the box, and waits for the outcome. */
export async function withInput<T>(text: string, open: () => Thenable<T>): Promise<T> {
  const boxes = watchBoxes((box) => {
    box.value = text;
  });
  let done = false;
  const outcome = open();
  const settled = Promise.resolve(outcome).finally(() => {
    done = true;
  });
  try {
    while (!done) {
      if (boxes.shown > 0) await vscode.commands.executeCommand('quickInput.accept');
      await Promise.race([sleep(ACCEPT_EVERY_MS), settled.catch(() => undefined)]);
    }
    return await settled;
  } finally {
    boxes.dispose();
  }
}

/** Runs what should open an input box, closes the box, and tells its title. */
export async function expectInputTitle(open: () => Thenable<unknown>): Promise<string | undefined> {
  let title: string | undefined;
  const boxes = watchBoxes((box) => {
    title = box.title;
    box.hide();
  });
  try {
    await open();
    return title;
  } finally {
    boxes.dispose();
  }
}

/** Calls back for each box that any extension of this host shows. */
function watchBoxes(shown: (box: vscode.InputBox) => void) {
  const sample = vscode.window.createInputBox();
  let shared = Object.getPrototypeOf(sample) as vscode.InputBox;
  while (!Object.hasOwn(shared, 'show')) shared = Object.getPrototypeOf(shared) as vscode.InputBox;
  sample.dispose();
  const show = Object.getOwnPropertyDescriptor(shared, 'show')?.value as (this: vscode.InputBox) => void;
  const watch = {
    shown: 0,
    dispose: () => {
      shared.show = show;
    },
  };
  shared.show = function (this: vscode.InputBox) {
    show.call(this);
    watch.shown += 1;
    shown(this);
  };
  return watch;
}
