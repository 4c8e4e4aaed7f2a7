import * as checkTask from './checkTask';
import * as chooseModel from './chooseModel';
import * as continueFromLastFrame from './continueFromLastFrame';
import * as copyId from './copyId';
import * as copyLink from './copyLink';
import * as copyPrompt from './copyPrompt';
import * as generate from './generate';
import * as generateFromSelection from './generateFromSelection';
import * as groupChains from './groupChains';
import * as previewTask from './previewTask';
import * as refresh from './refresh';
import * as revealTask from './revealTask';
import * as saveTask from './saveTask';
import * as saveTaskAs from './saveTaskAs';
import * as setApiKey from './setApiKey';
import * as showLog from './showLog';
import * as showSpending from './showSpending';
import * as ungroupChains from './ungroupChains';
import type { CommandId } from './ids';
import type { Command, Rooms } from './rooms';
import type { TakenPicture } from './takePicture';

/** A command that is read when it is used itself. */
function later(load: () => Promise<Command>): Command {
  return { run: async (...given) => (await load()).run(...given) };
}

/** Read together with the commands, for they need it themselves. */
export { tell } from './tellError';

/** What a page has drawn. */
export async function takePicture(rooms: Rooms, picture: TakenPicture): Promise<void> {
  await (await import('./takePicture')).takePicture(rooms, picture);
}

/**
 * Every command by its id. They are read together, with the first command that is used: two dozen files of
 * their own would take longer to find than this one takes to read. But for those that few ever use.
 */
export const COMMANDS: Record<CommandId, Command> = {
  'seedance.generateFromSelection': generateFromSelection,
  'seedance.generate': generate,
  'seedance.useAsFirstFrame': later(() => import('./useAsFirstFrame')),
  'seedance.useImageAtCursor': later(() => import('./useImageAtCursor')),
  'seedance.setApiKey': setApiKey,
  'seedance.removeApiKey': later(() => import('./removeApiKey')),
  'seedance.setUpImageBucket': later(() => import('./setUpImageBucket')),
  'seedance.setUpImageUpload': later(() => import('./setUpImageUpload')),
  'seedance.showBalance': later(() => import('./showBalance')),
  'seedance.addTask': later(() => import('./addTask')),
  'seedance.refresh': refresh,
  'seedance.groupChains': groupChains,
  'seedance.ungroupChains': ungroupChains,
  'seedance.showLog': showLog,
  'seedance.cleanUpCopies': later(() => import('./cleanUpCopies')),
  'seedance.exportTasks': later(() => import('./exportTasks')),
  'seedance.importTasks': later(() => import('./importTasks')),
  'seedance.chooseModel': chooseModel,
  'seedance.showSpending': showSpending,
  'seedance.exportSpending': later(() => import('./exportSpending')),
  'seedance.task.preview': previewTask,
  'seedance.task.save': saveTask,
  'seedance.task.saveAs': saveTaskAs,
  'seedance.task.again': later(() => import('./generateAgain')),
  'seedance.task.check': checkTask,
  'seedance.task.copyPrompt': copyPrompt,
  'seedance.task.copyId': copyId,
  'seedance.task.copyLink': copyLink,
  'seedance.task.reveal': revealTask,
  'seedance.task.continueFromLastFrame': continueFromLastFrame,
  'seedance.task.remove': later(() => import('./removeTask')),
  'seedance.task.addId': later(() => import('./addTaskId')),
};
