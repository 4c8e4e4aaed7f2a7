import * as vscode from 'vscode';
import { registerCommands } from './commands/register';
import type { Rooms } from './commands/rooms';
import type { TakenPicture } from './commands/takePicture';
import type { Fetch } from './gateway/http';
import { lazyGateway } from './gateway/lazy';
import { Log } from './platform/log';
import { Notifier } from './platform/notifier';
import { ApiKey } from './platform/secrets';
import { readBaseUrl } from './platform/settings';
import { Warnings } from './platform/warnings';
import { systemClock } from './tasks/clock';
import { Downloader } from './tasks/download';
import { Estimates } from './tasks/estimate';
import { ExpiryWatch } from './tasks/expiryWatch';
import { processIdentity } from './tasks/identity';
import { WorkerLease } from './tasks/lease';
import { PollingController } from './tasks/polling';
import { TaskStore } from './tasks/store';
import { frameDrawn } from './tasks/transitions';
import { PreviewManager } from './views/preview';
import { StatusBar } from './views/statusBar';
import { TaskTree } from './views/taskTree';

/**
 * How long after the start the tasks are read when nobody looks at them before: videos that were done
 * while VS Code was closed are then fetched, and the start itself pays nothing.
 */
const START_WORK_MS = 2_000;

/** Builds the rooms and joins them. Reads no file, sends nothing, waits for nothing. */
export function activate(context: vscode.ExtensionContext): void {
  const own = <T extends vscode.Disposable>(room: T): T => {
    context.subscriptions.push(room);
    return room;
  };
  const clock = systemClock;
  const random = Math.random;
  const directory = context.globalStorageUri.fsPath;
  const fetch: Fetch = async (url, init) => (await import('node-fetch')).default(url, init);

  const log = own(new Log());
  const say = (message: string) => log.info(message);
  const identity = processIdentity();
  const apiKey = own(new ApiKey(context.secrets, log));
  const gateway = lazyGateway({
    fetch,
    baseUrl: readBaseUrl,
    now: () => clock.now(),
    trace: (line) => log.debug(line),
  });

  const store = own(new TaskStore({ directory, clock, random, log: (message) => log.warn(message) }));
  const lease = own(new WorkerLease({ directory, clock, identity, log: say }));
  const polling = own(new PollingController({ store, gateway, credentials: apiKey, lease, clock, random, log: say }));
  const downloader = own(new Downloader({ store, fetch, lease, clock, random, log: say }));
  const notifier = own(new Notifier(store, context.workspaceState, clock));
  own(new Warnings({ store, polling, expiry: own(new ExpiryWatch(store, clock)) }));

  const estimates = new Estimates(() => store.list());
  const tree = own(new TaskTree({ store, downloader, polling, estimates, memory: context.globalState }));
  const takePicture = async (picture: TakenPicture) =>
    (await import('./commands/all')).takePicture(await rooms(), picture);
  const keepThumbnail = (id: string, thumbnail: string) => store.update(id, frameDrawn(thumbnail));
  const preview = own(
    new PreviewManager({
      extensionUri: context.extensionUri,
      store,
      downloader,
      polling,
      estimates,
      takePicture,
      keepThumbnail,
    }),
  );
  // What only a command or a record needs is not read before there is one.
  const furnish = async (): Promise<Rooms> =>
    (await import('./furnish')).furnish({
      context,
      own,
      clock,
      random,
      identity,
      apiKey,
      log,
      gateway,
      fetch,
      store,
      polling,
      downloader,
      notifier,
      preview,
      tree,
    });
  let furnished: Promise<Rooms> | undefined;
  const rooms = () => (furnished ??= furnish());
  own(registerCommands(rooms));
  own(new StatusBar({ apiKey, catalogue: async () => (await rooms()).catalogue }));

  polling.start();
  downloader.start();
  own(store.onDidLoad(() => void rooms().then(({ generate }) => generate.recover())));
  own(vscode.window.onDidChangeWindowState(({ focused, active }) => focused && active && polling.nudge()));
  const start = setTimeout(() => {
    store.load().catch((error: unknown) => log.error('the tasks could not be read', error));
  }, START_WORK_MS);
  own({ dispose: () => clearTimeout(start) });
}
