import { EventEmitter, QuickInputButtons } from './vscodeStub';

/** Presses Escape, which is the Back button where there is a step before, and closes the box elsewhere. */
export const ESCAPE = Symbol('escape');

/** An input box whose user types these texts in turn, with Enter after each, and then closes it. */
export class FakeInputBox {
  title = '';
  value = '';
  validationMessage: string | undefined;
  enabled = true;
  valueSelection: unknown;
  buttons: readonly unknown[] = [];
  /** What was in the box when it was shown. */
  begunWith: string | undefined;
  readonly #value = new EventEmitter<string>();
  readonly #accept = new EventEmitter<void>();
  readonly #hide = new EventEmitter<void>();
  readonly #button = new EventEmitter<unknown>();
  readonly onDidChangeValue = this.#value.event;
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidTriggerButton = this.#button.event;
  dispose = () => undefined;
  constructor(
    readonly typed: readonly (string | typeof ESCAPE | undefined)[],
    readonly problems: (string | undefined)[] = [],
  ) {}
  show = () => {
    this.begunWith = this.value;
    void (async () => {
      for (const text of this.typed) {
        if (typeof text === 'string') {
          this.value = text;
          this.#value.fire(text);
          this.#accept.fire();
          await new Promise((resolve) => setImmediate(resolve));
          this.problems.push(this.validationMessage);
        } else if (text === ESCAPE && this.buttons.includes(QuickInputButtons.Back)) {
          this.#button.fire(QuickInputButtons.Back);
        }
      }
      this.#hide.fire();
    })();
  };
}
