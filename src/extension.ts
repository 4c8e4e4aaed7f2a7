import * as vscode from 'vscode';
import { registerPromptEditor } from './commands/promptEditor';
import { registerCommands } from './commands/register';
import { registerVideosInDocuments } from './commands/videosInDocuments';
import { createContainer } from './container';
import { registerLanguageFeatures } from './languageFeatures/register';

/**
 * When the tasks are loaded, if no view has loaded them before. Downloads of videos that finished while VS Code was closed
 * start then; activation itself does not read the disk.
 */
const LOAD_DELAY_MS = 2_000;

/** Creates the services, registers the commands and starts the background work. No file access, no network. */
export function activate(context: vscode.ExtensionContext): void {
  const { getServices, store, polling, downloader, log } = createContainer(context, {
    onDidCaptureImage: async (services, image) =>
      (await import('./commands/commandTable')).handleCapturedFrame(services, image),
    getComposer: async (services) => (await import('./commands/commandTable')).getComposer(services),
  });
  context.subscriptions.push(
    registerCommands(getServices),
    registerPromptEditor(getServices),
    registerVideosInDocuments(getServices),
    registerLanguageFeatures(getServices),
    vscode.workspace.onDidRenameFiles(async ({ files }) =>
      (await import('./commands/commandTable')).followStoryboards(getServices(), files),
    ),
  );

  polling.start();
  downloader.start();
  const load = setTimeout(() => {
    store.load().catch((error: unknown) => log.error('the tasks could not be read', error));
  }, LOAD_DELAY_MS);
  context.subscriptions.push(
    store.onDidLoad(() => {
      void getServices().submission.recover();
      store.keepLooking('window', vscode.window.state.active);
    }),
    vscode.window.onDidChangeWindowState(({ focused, active }) => {
      store.keepLooking('window', active);
      if (focused && active) {
        polling.pollNow();
      }
    }),
    { dispose: () => clearTimeout(load) },
  );
}
