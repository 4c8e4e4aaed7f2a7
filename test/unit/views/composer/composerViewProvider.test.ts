import assert from 'node:assert/strict';
import type { WebviewView } from 'vscode';
import type { ComposerForm } from '../../../../src/views/composer/composerForm';
import type { HostMessage, WebviewMessage } from '../../../../src/views/composer/protocol';
import { EventEmitter, Uri } from '../../../support/vscodeStub';
import { waitFor } from '../../../support/waitFor';

const { ComposerViewProvider } = await import('../../../../src/views/composer/composerViewProvider');

/** A view of the side bar: its page is only kept, not loaded. */
class FakeView {
  visible = true;
  readonly sent: unknown[] = [];
  readonly messages = new EventEmitter<unknown>();
  readonly #visibility = new EventEmitter<void>();
  readonly disposed = new EventEmitter<void>();
  readonly onDidChangeVisibility = this.#visibility.event;
  readonly onDidDispose = this.disposed.event;
  readonly webview = {
    html: '',
    options: {},
    cspSource: 'vscode-webview:',
    asWebviewUri: (uri: Uri) => uri,
    onDidReceiveMessage: this.messages.event,
    postMessage: (message: unknown) => Promise.resolve(this.sent.push(message) > 0),
  };
  show(visible: boolean): void {
    this.visible = visible;
    this.#visibility.fire();
  }
}

class FakeForm implements ComposerForm {
  readonly received: WebviewMessage[] = [];
  post: ((message: HostMessage) => void) | undefined;
  connect(post: (message: HostMessage) => void) {
    this.post = post;
    return {
      dispose: () => {
        this.post = undefined;
      },
    };
  }
  receive(message: WebviewMessage): Promise<void> {
    this.received.push(message);
    return Promise.resolve();
  }
}

function open() {
  const form = new FakeForm();
  let list: () => void = () => undefined;
  let load: () => void = () => undefined;
  let loads = 0;
  const provider = new ComposerViewProvider({
    extensionUri: Uri.file('/extension') as never,
    videosDirectory: '/storage/videos',
    whenListed: () => new Promise<void>((resolve) => (list = resolve)),
    getForm: () => {
      loads++;
      return new Promise<ComposerForm>((resolve) => (load = () => resolve(form)));
    },
  });
  const view = new FakeView();
  const resolve = () => provider.resolveWebviewView(view as unknown as WebviewView);
  const show = async () => {
    const resolved = resolve();
    list();
    await resolved;
  };
  return { provider, view, form, resolve, show, list: () => list(), load: () => load(), loads: () => loads };
}

const DRAW: HostMessage = { type: 'draw', key: 'a', bytes: new Uint8Array(1) };

describe('the view "Create" in the side bar', () => {
  it('begins once the list has been read, and loads what is behind its page with that', async () => {
    const { view, form, resolve, list, load, loads } = open();
    const resolved = resolve();
    await new Promise(setImmediate);
    assert.equal(view.webview.html, '');
    list();
    await resolved;
    assert.match(view.webview.html, /script-src &#39;nonce-[^]*composer\.js/);
    assert.equal(loads(), 0);
    view.messages.fire({ type: 'topUp' });
    view.messages.fire({ type: 'ready' });
    view.messages.fire({ type: 'frame', action: 'choose' });
    view.messages.fire({ type: 'frame', action: 'everything' });
    assert.deepEqual([loads(), form.received], [1, []]);
    load();
    await waitFor(() => form.received.length > 1);
    // What a page says before it listens is of another one; what it says while the form is loaded is not lost.
    assert.deepEqual(form.received, [{ type: 'ready' }, { type: 'frame', action: 'choose' }]);
    form.post?.(DRAW);
    assert.deepEqual(view.sent, [DRAW]);
  });

  it('is not connected while it is hidden, and when it is gone', async () => {
    const { provider, view, form, show, load } = open();
    assert.equal(provider.isVisible, false);
    await show();
    assert.equal(provider.isVisible, true);
    view.messages.fire({ type: 'ready' });
    load();
    await waitFor(() => form.post !== undefined);
    view.show(false);
    assert.deepEqual([form.post, provider.isVisible], [undefined, false]);
    view.show(true);
    view.messages.fire({ type: 'ready' });
    load();
    await waitFor(() => form.post !== undefined);
    view.disposed.fire();
    assert.deepEqual([form.post, provider.isVisible], [undefined, false]);
  });

  it('does not connect a page that was hidden before the form was loaded', async () => {
    const { view, form, show, load } = open();
    await show();
    view.messages.fire({ type: 'ready' });
    view.show(false);
    load();
    await new Promise(setImmediate);
    assert.equal(form.post, undefined);
  });
});
