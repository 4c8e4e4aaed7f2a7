import assert from 'node:assert/strict';
import { EventEmitter } from './vscodeStub';

/** A line of a question, as our own lists have them. */
export interface FakePickItem {
  label: string;
  description?: string;
  detail?: string;
  action?: { kind: string };
}

/** The list of a question, and the user in front of it. */
export class FakeQuickPick {
  title = '';
  items: FakePickItem[] = [];
  activeItems: FakePickItem[] = [];
  selectedItems: FakePickItem[] = [];
  buttons: unknown[] = [];
  readonly #accept = new EventEmitter<void>();
  readonly #hide = new EventEmitter<void>();
  readonly onDidAccept = this.#accept.event;
  readonly onDidHide = this.#hide.event;
  readonly onDidTriggerButton = new EventEmitter<unknown>().event;
  readonly onDidTriggerItemButton = new EventEmitter<unknown>().event;
  readonly onDidChangeValue = new EventEmitter<string>().event;
  readonly onDidChangeActive = new EventEmitter<FakePickItem[]>().event;
  /** @param onShow what the user does once the list is there */
  constructor(readonly onShow?: (pick: FakeQuickPick) => void) {}
  show = () => void setImmediate(() => this.onShow?.(this));
  hide = () => this.#hide.fire();
  dispose = () => undefined;
  choose(kind: string): void {
    this.selectedItems = this.activeItems = this.items.filter(({ action }) => action?.kind === kind);
    assert.equal(this.selectedItems.length, 1, kind);
    this.#accept.fire();
  }
}
