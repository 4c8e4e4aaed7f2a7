import { join } from 'node:path';
import * as vscode from 'vscode';
import { createLazyApiClient, type ApiClient } from './api/apiClient';
import { ModelCatalog } from './api/modelCatalog';
import type { Fetch } from './common/http';
import { systemClock } from './common/clock';
import { COMPOSER_VIEW } from './constants';
import { ImageStore } from './images/imageStore';
import { ApiKey } from './platform/apiKey';
import { Log } from './platform/log';
import { RequestDefaults } from './platform/requestDefaults';
import { findBaseUrl, readBaseUrl } from './platform/settings';
import { Downloader } from './tasks/download/downloader';
import { PromptTakes } from './tasks/model/promptTakes';
import type { TaskRecord } from './tasks/model/taskRecord';
import type { SoundTracks, SoundTracksOptions } from './tasks/sound/soundTracks';
import { withThumbnail } from './tasks/model/transitions';
import { PollingController } from './tasks/polling/pollingController';
import { RemainingTimeEstimates } from './tasks/polling/remainingTime';
import { PosterStore } from './tasks/storage/posterStore';
import { TaskStore } from './tasks/storage/taskStore';
import { SubmissionService } from './tasks/submission/submissionService';
import { ExpiryMonitor } from './tasks/worker/expiryMonitor';
import { getProcessIdentity } from './tasks/worker/processIdentity';
import { WorkerLease } from './tasks/worker/workerLease';
import { StoryboardRuns } from './storyboard/storyboardRuns';
import { TaskNotifier } from './ui/taskNotifier';
import { Warnings } from './ui/warnings';
import { CompareManager } from './views/compare/compareManager';
import { ComposerViewProvider } from './views/composer/composerViewProvider';
import type { ComposerForm } from './views/composer/composerForm';
import { CropperManager } from './views/cropper/cropperManager';
import { ExportManager } from './views/export/exportManager';
import { GalleryManager } from './views/gallery/galleryManager';
import type { LastFrames, LastFramesOptions } from './views/lastFrame/lastFrames';
import { PreviewManager } from './views/preview/previewManager';
import type { CapturedImage } from './views/preview/protocol';
import { SpendingManager } from './views/spending/spendingManager';
import { ImageInSight } from './views/imageInSight';
import { StatusBar } from './views/statusBar';
import { TaskTreeDataProvider } from './views/tasks/taskTreeProvider';
import { WalkthroughSteps } from './views/walkthroughSteps';

/** Services available to command handlers and to the generation dialogs. Tests pass an object with what they need. */
export interface ExtensionServices {
  readonly context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState' | 'secrets'>;
  readonly apiKey: ApiKey;
  readonly log: Log;
  readonly apiClient: ApiClient;
  readonly fetch: Fetch;
  readonly modelCatalog: ModelCatalog;
  readonly defaults: RequestDefaults;
  readonly store: TaskStore;
  readonly posters: PosterStore;
  readonly sounds: Pick<SoundTracks, 'getSound'>;
  readonly takes: Pick<PromptTakes, 'takeOf' | 'takesOf'>;
  readonly estimates: Pick<RemainingTimeEstimates, 'of'>;
  readonly storyboardRuns: StoryboardRuns;
  readonly submission: SubmissionService;
  readonly polling: PollingController;
  readonly downloader: Downloader;
  readonly imageStore: ImageStore;
  readonly cropper: Pick<CropperManager, 'open' | 'paste'>;
  readonly exporter: Pick<ExportManager, 'show'>;
  readonly composer: Pick<ComposerViewProvider, 'isVisible'>;
  readonly notifier: TaskNotifier;
  readonly preview: Pick<PreviewManager, 'show' | 'shownTask' | 'peek' | 'endPeek' | 'continueFromLastFrame'>;
  readonly frames: Pick<LastFrames, 'takeLastFrame'>;
  readonly compare: Pick<CompareManager, 'show'>;
  readonly gallery: Pick<GalleryManager, 'show'>;
  readonly spending: Pick<SpendingManager, 'show'>;
  readonly tree: Pick<TaskTreeDataProvider, 'refresh' | 'selection' | 'tasksOf' | 'groupChains'>;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** What `activate` works with: access to all services, and those that it has to start. */
export interface Container {
  /** Returns the services that commands use. Creates those that only commands need with the first call. */
  readonly getServices: () => ExtensionServices;
  readonly store: TaskStore;
  readonly polling: PollingController;
  readonly downloader: Downloader;
  readonly log: Log;
}

export interface ContainerOptions {
  /** Handles an image that a preview page captured, or that the user dropped or pasted there. Lives in `commands/`. */
  onDidCaptureImage: (services: ExtensionServices, image: CapturedImage) => Promise<void>;
  /** Loads what stands behind the view "Create". It orders, so it lives in `generation/`. */
  getComposer: (services: ExtensionServices) => Promise<ComposerForm>;
}

/**
 * Creates and wires all services. Must stay synchronous: no file access and no network. Every service is disposed
 * with the extension.
 */
export function createContainer(
  context: vscode.ExtensionContext,
  { onDidCaptureImage, getComposer }: ContainerOptions,
): Container {
  const register = <T extends vscode.Disposable>(disposable: T): T => {
    context.subscriptions.push(disposable);
    return disposable;
  };
  const clock = systemClock;
  const now = () => clock.now();
  const random = Math.random;
  const directory = context.globalStorageUri.fsPath;
  const { extensionUri } = context;
  // node-fetch is loaded with the first request: most windows start without sending any.
  const fetch: Fetch = async (url, init) => (await import('node-fetch')).default(url, init);
  const guardedFetch: Fetch = async (url, init) => {
    const { createGuardedFetch } = await import('./common/address');
    return createGuardedFetch(fetch, findBaseUrl)(url, init);
  };

  const log = register(new Log());
  const logInfo = (message: string) => log.info(message);
  const identity = getProcessIdentity();
  const apiKey = register(new ApiKey(context.secrets, log));
  const apiClient = createLazyApiClient({
    fetch,
    baseUrl: readBaseUrl,
    now,
    isKeyFor: (key, origin) => apiKey.isFor(key, origin),
    trace: (line) => log.debug(line),
  });

  const defaults = register(new RequestDefaults(context.workspaceState));
  const store = register(new TaskStore({ directory, clock, random, log: (message) => log.warn(message) }));
  const posters = new PosterStore(store);
  const sounds = createLazySounds(
    { store, folder: join(extensionUri.fsPath, 'dist', 'sound'), log: logInfo },
    register,
  );
  const lease = register(new WorkerLease({ directory, clock, identity, log: logInfo }));
  const polling = register(
    new PollingController({ store, apiClient, credentials: apiKey, lease, clock, random, log: logInfo }),
  );
  const downloader = register(
    new Downloader({
      store,
      fetch: guardedFetch,
      lease,
      clock,
      random,
      log: logInfo,
      refreshLink: (id, deadSince) => polling.refreshLink(id, deadSince),
    }),
  );
  const takes = new PromptTakes(store);
  const storyboardRuns = new StoryboardRuns();
  const notifier = register(new TaskNotifier(store, context.workspaceState, clock, takes));
  register(new Warnings({ store, polling, apiKey, expiry: register(new ExpiryMonitor(store, clock)), clock }));

  const estimates = new RemainingTimeEstimates(() => store.list());
  const nextTryAt = ({ id }: TaskRecord) => polling.getNextTryAt(id) ?? downloader.getNextTryAt(id);
  const tree = register(
    new TaskTreeDataProvider({
      store,
      disk: store,
      downloader,
      polling,
      estimates,
      nextTryAt,
      takes,
      posters,
      memory: context.globalState,
    }),
  );
  const preview = register(
    new PreviewManager({
      extensionUri,
      store,
      downloader,
      polling,
      estimates,
      nextTryAt,
      takes,
      posters,
      onDidCaptureImage: (image) => onDidCaptureImage(getServices(), image),
      getSound: (id) => sounds.getSound(id),
      keepThumbnail: (id, thumbnail) => store.update(id, withThumbnail(thumbnail)),
    }),
  );
  const gallery = register(new GalleryManager({ extensionUri, store, posters, polling, takes, clock }));

  const compare = register(
    new CompareManager({
      extensionUri,
      store,
      downloader,
      takes,
      getSound: (id) => sounds.getSound(id),
      clock,
    }),
  );
  const composer = register(
    new ComposerViewProvider({
      extensionUri,
      videosDirectory: store.videosDirectory,
      whenListed: () => store.load().catch(() => undefined),
      getForm: () => getComposer(getServices()),
    }),
  );
  const frames = createLazyFrames(
    {
      extensionUri,
      store,
      downloader,
      clock,
      isListVisible: () => tree.isVisible,
      // Not the comparison: its players need the decoders themselves.
      findPage: () => composer.findFramePage() ?? preview.findFramePage() ?? gallery.findFramePage(),
      isPageLoading: () => preview.isFramePageLoading(),
    },
    register,
  );
  register(vscode.window.registerWebviewViewProvider(COMPOSER_VIEW, composer));

  const createLazyServices = (): ExtensionServices => {
    const imageStore = new ImageStore(directory);
    const modelCatalog = register(
      new ModelCatalog({ apiClient, credentials: apiKey, address: () => findBaseUrl()?.href, directory, clock }),
    );
    // Another key may have other models, another address other prices.
    register(apiKey.onDidChange(() => void modelCatalog.refresh()));
    register(
      vscode.workspace.onDidChangeConfiguration(
        (event) => event.affectsConfiguration('seedance.apiBaseUrl') && void modelCatalog.refresh({ force: true }),
      ),
    );
    return {
      context,
      apiKey,
      log,
      apiClient,
      fetch,
      modelCatalog,
      defaults,
      store,
      posters,
      sounds,
      takes,
      estimates,
      storyboardRuns,
      submission: register(
        new SubmissionService({ store, apiClient, credentials: apiKey, identity, clock, random, log: logInfo }),
      ),
      polling,
      downloader,
      imageStore,
      composer,
      cropper: register(new CropperManager({ extensionUri, imageStore })),
      exporter: register(new ExportManager({ extensionUri })),
      notifier,
      preview,
      frames,
      compare,
      gallery,
      spending: register(new SpendingManager({ extensionUri, store, clock })),
      tree,
      now,
    };
  };
  let lazyServices: ExtensionServices | undefined;
  const getServices = () => (lazyServices ??= createLazyServices());

  register(new ImageInSight());
  register(new WalkthroughSteps(store));
  register(new StatusBar({ apiKey, defaults, modelCatalog: () => getServices().modelCatalog }));
  return { getServices, store, polling, downloader, log };
}

/** Few machines need it: the code is loaded when a page first asks for a sound. */
function createLazySounds(
  options: SoundTracksOptions,
  register: <T extends vscode.Disposable>(disposable: T) => T,
): Pick<SoundTracks, 'getSound'> {
  let sounds: SoundTracks | undefined;
  return {
    getSound: async (id) => {
      const { SoundTracks } = await import('./tasks/sound/soundTracks');
      return (sounds ??= register(new SoundTracks(options))).getSound(id);
    },
  };
}

/** The code is loaded with the first frame that is to be taken. */
function createLazyFrames(
  options: LastFramesOptions,
  register: <T extends vscode.Disposable>(disposable: T) => T,
): Pick<LastFrames, 'takeLastFrame'> {
  let frames: LastFrames | undefined;
  return {
    takeLastFrame: async (id) => {
      const { LastFrames } = await import('./views/lastFrame/lastFrames');
      return (frames ??= register(new LastFrames(options))).takeLastFrame(id);
    },
  };
}
