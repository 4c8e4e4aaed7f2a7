/** The API that VS Code offers to a webview; it can be acquired only once: https://code.visualstudio.com/api/extension-guides/webview. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** Sends messages to the extension host, and keeps state over reloads of the window. */
export interface HostChannel<Sent> {
  postMessage(message: Sent): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/**
 * Connects to the extension host. Messages that `parse` returns `undefined` for are ignored.
 *
 * @param parse parser of the page's protocol
 * @param onMessage called for each message of the host
 */
export function connectToHost<Sent, Received>(
  parse: (message: unknown) => Received | undefined,
  onMessage: (message: Received) => void,
): HostChannel<Sent> {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    const message = parse(event.data);
    if (message !== undefined) {
      onMessage(message);
    }
  });
  return acquireVsCodeApi();
}

/** Reads a JSON value that the host wrote into the page: see `WebviewHtmlOptions.data`. */
export function readPageData(name: string): unknown {
  const text = document.getElementById('seedance')?.dataset[name];
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
