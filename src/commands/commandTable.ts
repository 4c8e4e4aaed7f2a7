import type { CommandId } from '../constants';
import type { ExtensionServices } from '../container';
import { Composer } from '../generation/composer';
import { setUpImageBucket } from '../generation/delivery/bucketSetup';
import { setUpImageUpload } from '../generation/delivery/uploadSetup';
import { requireApiKey } from '../ui/apiKeyPrompt';
import { InvalidArguments, showError } from '../ui/showError';
import { removeApiKey, setApiKey, showBalance } from './account';
import { addTask, addTaskId } from './addTask';
import { chooseModel } from './chooseModel';
import { cleanUpCopies } from './cleanUpCopies';
import { compareTakes } from './compare';
import { copyTaskId, copyTaskLink, copyTaskPrompt } from './copy';
import type * as StoryboardCommands from './storyboardCommands';
import { copyDiagnostics } from './copyDiagnostics';
import { exportFrames, exportGif } from './exportVideo';
import { findVideo } from './findVideo';
import { continueFromLastFrame, useAsFirstFrame, useImageAtCursor } from './firstFrame';
import { generateFromParagraph, generateFromSelection, generateVideo, usePrompt } from './generate';
import { generateAgain } from './generateAgain';
import { exportTasks, importTasks } from './importExport';
import { copyVideosAsMarkdown, insertVideos } from './insertVideo';
import { newStoryboard } from './newStoryboard';
import { checkTasks, refreshTasks } from './refreshTasks';
import { removeTasks } from './removeTasks';
import { revealSavedVideo, saveTaskAs, saveTasks } from './save';
import { exportSpending, showSpending } from './spending';
import { groupChains, openGallery, previewTask, showLog, ungroupChains } from './view';

/** Arguments come from menus, key bindings and other extensions, so a handler checks them before it uses them. */
export type CommandHandler = (services: ExtensionServices, ...args: unknown[]) => unknown;

interface Command {
  readonly run: CommandHandler;
  /** Prompts for the API key before the handler runs; dismissing the prompt ends the command. */
  readonly needsApiKey?: boolean;
}

// Loaded together with the handlers, which need it anyway.
export { handleCapturedFrame } from './capturedFrame';
export const getComposer = (services: ExtensionServices): Composer => Composer.of(services);
export { createDropEdit, createPastedText } from './insertVideo';
export { followStoryboards } from '../platform/followStoryboards';
export * as promptDocuments from '../generation/promptDocument';

/** Commands of storyboards read Markdown, which nobody needs who has none. */
function ofStoryboards(name: keyof typeof StoryboardCommands): CommandHandler {
  return async (services, ...args) => {
    const handler: CommandHandler = (await import('./storyboardCommands'))[name];
    return handler(services, ...args);
  };
}

/** All commands. Loaded with the first command that runs (`register.ts`). */
export const COMMANDS: Readonly<Record<CommandId, Command>> = {
  'seedance.generateFromSelection': { run: generateFromSelection },
  'seedance.generateFromParagraph': { run: generateFromParagraph },
  'seedance.generate': { run: generateVideo },
  'seedance.useAsFirstFrame': { run: useAsFirstFrame },
  'seedance.useImageAtCursor': { run: useImageAtCursor },
  'seedance.setApiKey': { run: setApiKey },
  'seedance.removeApiKey': { run: removeApiKey },
  'seedance.setUpImageBucket': { run: setUpImageBucket },
  'seedance.setUpImageUpload': { run: setUpImageUpload },
  'seedance.showBalance': { run: showBalance, needsApiKey: true },
  'seedance.addTask': { run: addTask, needsApiKey: true },
  'seedance.refresh': { run: refreshTasks },
  'seedance.groupChains': { run: groupChains },
  'seedance.ungroupChains': { run: ungroupChains },
  'seedance.showLog': { run: showLog },
  'seedance.findVideo': { run: findVideo },
  'seedance.compare': { run: compareTakes },
  'seedance.openGallery': { run: openGallery },
  'seedance.newStoryboard': { run: newStoryboard },
  'seedance.storyboard.run': { run: ofStoryboards('runStoryboard') },
  'seedance.storyboard.generateShot': { run: ofStoryboards('generateShot') },
  'seedance.storyboard.stop': { run: ofStoryboards('stopStoryboard') },
  'seedance.storyboard.takesWithoutShot': { run: ofStoryboards('showLooseTakes') },
  'seedance.cleanUpCopies': { run: cleanUpCopies },
  'seedance.exportTasks': { run: exportTasks },
  'seedance.importTasks': { run: importTasks },
  'seedance.chooseModel': { run: chooseModel },
  'seedance.showSpending': { run: showSpending },
  'seedance.exportSpending': { run: exportSpending },
  'seedance.task.preview': { run: previewTask },
  'seedance.task.save': { run: saveTasks },
  'seedance.task.saveAs': { run: saveTaskAs },
  'seedance.task.again': { run: generateAgain },
  'seedance.task.check': { run: checkTasks },
  'seedance.task.copyPrompt': { run: copyTaskPrompt },
  'seedance.task.copyId': { run: copyTaskId },
  'seedance.task.copyLink': { run: copyTaskLink },
  'seedance.task.copyMarkdown': { run: copyVideosAsMarkdown },
  'seedance.task.insert': { run: insertVideos },
  'seedance.task.exportGif': { run: exportGif },
  'seedance.task.exportFrames': { run: exportFrames },
  'seedance.copyDiagnostics': { run: copyDiagnostics },
  'seedance.task.reveal': { run: revealSavedVideo },
  'seedance.task.continueFromLastFrame': { run: continueFromLastFrame },
  'seedance.task.remove': { run: removeTasks },
  'seedance.task.addId': { run: addTaskId },
  'seedance.prompt.use': { run: usePrompt },
  'seedance.storyboard.open': { run: ofStoryboards('openStoryboard') },
  'seedance.storyboard.chooseTake': { run: ofStoryboards('chooseTake') },
  'seedance.storyboard.useTake': { run: ofStoryboards('useTake') },
};

/**
 * Runs a command. An error is shown and logged here and not thrown, or VS Code would show it a second time in its own
 * words. Only a caller's mistake (`InvalidArguments`) goes back to the caller.
 *
 * @returns what the handler returned; `undefined` after an error, and when the user gave up
 */
export async function runCommand(services: ExtensionServices, id: CommandId, args: unknown[]): Promise<unknown> {
  const { run, needsApiKey } = COMMANDS[id];
  try {
    if (needsApiKey) {
      await requireApiKey(services);
    }
    return await run(services, ...args);
  } catch (error) {
    if (error instanceof InvalidArguments) {
      throw error;
    }
    showError(services, id, error);
    return undefined;
  }
}
