import type { IDisposable } from '../../common/events';
import type { HostMessage, WebviewMessage } from './protocol';

/** What stands behind the page. It orders, so it lives in `generation/`, which views do not know. */
export interface ComposerForm {
  /** Sends models to a page from now on, until it is disposed: nothing is done for a page that is not there. */
  connect(post: (message: HostMessage) => void): IDisposable;
  /** Handles a message of the page. Shows errors itself, and does not throw. */
  receive(message: WebviewMessage): Promise<void>;
}
