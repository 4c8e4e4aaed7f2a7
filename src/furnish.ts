import * as vscode from 'vscode';
import type { Rooms } from './commands/rooms';
import { MadeImages } from './frames/madeImages';
import { Catalogue } from './tasks/catalogue';
import type { Clock } from './tasks/clock';
import { GenerateService } from './tasks/generate';
import type { Identity } from './tasks/identity';
import { Cropper } from './views/cropper';
import { SpendingView } from './views/spending';

/** What there is from the start, and how to keep what is built upon it. */
export interface Ground extends Omit<Rooms, 'catalogue' | 'cropper' | 'generate' | 'madeImages' | 'now' | 'spending'> {
  context: vscode.ExtensionContext;
  clock: Clock;
  random: () => number;
  identity: Identity;
  own: <T extends vscode.Disposable>(room: T) => T;
}

/** Builds the rooms that only a command or a record needs: read when there is one. */
export function furnish({ own, clock, random, identity, ...ground }: Ground): Rooms {
  const { context, apiKey, gateway, log, store } = ground;
  const { extensionUri } = context;
  const directory = context.globalStorageUri.fsPath;
  const madeImages = new MadeImages(directory);
  const cropper = own(new Cropper({ extensionUri, madeImages }));
  const catalogue = own(new Catalogue({ gateway, credentials: apiKey, directory, clock }));
  const generate = own(
    new GenerateService({
      store,
      gateway,
      credentials: apiKey,
      identity,
      clock,
      random,
      log: (message) => log.info(message),
    }),
  );
  // Another key may be offered other models, another address other prices.
  own(apiKey.onDidChange(() => void catalogue.refresh()));
  own(
    vscode.workspace.onDidChangeConfiguration(
      (event) => event.affectsConfiguration('seedance.apiBaseUrl') && void catalogue.refresh({ force: true }),
    ),
  );
  const now = () => clock.now();
  const spending = own(new SpendingView({ extensionUri, store, now }));
  return { ...ground, catalogue, cropper, generate, madeImages, now, spending };
}
