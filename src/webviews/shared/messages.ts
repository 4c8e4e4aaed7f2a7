/** What VS Code gives a page, once: https://code.visualstudio.com/api/extension-guides/webview. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

/** The page's end of the channel to its host. */
export interface HostChannel<Sent> {
  postMessage(message: Sent): void;
  getState(): unknown;
  setState(state: unknown): void;
}

/**
 * Opens the channel to the host. Messages that `parse` does not know are ignored.
 *
 * @param parse the reader of the page's protocol
 * @param onMessage is called for each message of the host
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

/** What the host wrote into the page: an attribute of `<meta id="seedance">`, JSON. */
export function readPageData(name: string): unknown {
  const text = document.getElementById('seedance')?.dataset[name];
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
