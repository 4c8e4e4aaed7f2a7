import { Disposable } from '../../common/events';
import type { SpendingContext, SpendingPanel } from './spendingPanel';

/** Opens the spending panel, whose code is loaded when it is first shown. */
export class SpendingManager extends Disposable {
  readonly #context: SpendingContext;
  #panel: SpendingPanel | undefined;

  constructor(context: SpendingContext) {
    super();
    this.#context = context;
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /** Opens the panel, or brings it to the front. */
  async show(): Promise<void> {
    const { SpendingPanel } = await import('./spendingPanel');
    if (this.#panel) {
      this.#panel.reveal();
    } else if (!this.isDisposed) {
      this.#panel = new SpendingPanel(this.#context, () => {
        this.#panel = undefined;
      });
    }
  }
}
