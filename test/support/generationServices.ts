import { ModelCatalog } from '../../src/api/modelCatalog';
import type { ExtensionServices } from '../../src/container';
import type { TestHarness } from './harness';

/**
 * The services of a window that orders videos, over its emulator and its store.
 *
 * @param model for new videos
 */
export function createGenerationServices(window: TestHarness, model: string, address: () => string): ExtensionServices {
  const { apiClient, clock, credentials, directory, generate: submission, store, requests } = window;
  return {
    apiClient,
    apiKey: credentials,
    modelCatalog: new ModelCatalog({ apiClient, credentials, directory, clock, address }),
    defaults: { read: () => ({ model, aspectRatio: '16:9' }), remember: () => undefined },
    submission,
    store,
    fetch: requests.fetch,
    context: {},
    notifier: { watchTask: () => undefined },
    log: { info: () => undefined, warn: () => undefined, debug: () => undefined },
    now: () => clock.now(),
  } as unknown as ExtensionServices;
}
