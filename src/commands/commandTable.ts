import type { CommandId } from '../constants';
import type { ExtensionServices } from '../container';
import { setUpImageBucket } from '../generation/delivery/bucketSetup';
import { setUpImageUpload } from '../generation/delivery/uploadSetup';
import { removeApiKey, setApiKey, showBalance } from './account';
import { addTask, addTaskId } from './addTask';
import { chooseModel } from './chooseModel';
import { cleanUpCopies } from './cleanUpCopies';
import { copyTaskId, copyTaskLink, copyTaskPrompt } from './copy';
import { continueFromLastFrame, useAsFirstFrame, useImageAtCursor } from './firstFrame';
import { generateFromSelection, generateVideo } from './generate';
import { generateAgain } from './generateAgain';
import { exportTasks, importTasks } from './importExport';
import { checkTasks, refreshTasks } from './refreshTasks';
import { removeTasks } from './removeTasks';
import { revealSavedVideo, saveTaskAs, saveTasks } from './save';
import { exportSpending, showSpending } from './spending';
import { groupChains, previewTask, showLog, ungroupChains } from './view';

/** Arguments come from menus, key bindings and other extensions, so a handler checks them before it uses them. */
export type CommandHandler = (services: ExtensionServices, ...args: unknown[]) => unknown;

// Loaded together with the handlers, which need it anyway.
export { showError } from '../ui/showError';
export { handleCapturedFrame } from './capturedFrame';

/** The handler of every command. Loaded with the first command that runs (`register.ts`). */
export const COMMANDS: Record<CommandId, CommandHandler> = {
  'seedance.generateFromSelection': generateFromSelection,
  'seedance.generate': generateVideo,
  'seedance.useAsFirstFrame': useAsFirstFrame,
  'seedance.useImageAtCursor': useImageAtCursor,
  'seedance.setApiKey': setApiKey,
  'seedance.removeApiKey': removeApiKey,
  'seedance.setUpImageBucket': setUpImageBucket,
  'seedance.setUpImageUpload': setUpImageUpload,
  'seedance.showBalance': showBalance,
  'seedance.addTask': addTask,
  'seedance.refresh': refreshTasks,
  'seedance.groupChains': groupChains,
  'seedance.ungroupChains': ungroupChains,
  'seedance.showLog': showLog,
  'seedance.cleanUpCopies': cleanUpCopies,
  'seedance.exportTasks': exportTasks,
  'seedance.importTasks': importTasks,
  'seedance.chooseModel': chooseModel,
  'seedance.showSpending': showSpending,
  'seedance.exportSpending': exportSpending,
  'seedance.task.preview': previewTask,
  'seedance.task.save': saveTasks,
  'seedance.task.saveAs': saveTaskAs,
  'seedance.task.again': generateAgain,
  'seedance.task.check': checkTasks,
  'seedance.task.copyPrompt': copyTaskPrompt,
  'seedance.task.copyId': copyTaskId,
  'seedance.task.copyLink': copyTaskLink,
  'seedance.task.reveal': revealSavedVideo,
  'seedance.task.continueFromLastFrame': continueFromLastFrame,
  'seedance.task.remove': removeTasks,
  'seedance.task.addId': addTaskId,
};
