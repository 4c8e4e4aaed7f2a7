import * as vscode from 'vscode';
import type { CommandId } from './ids';
import type { Command, Rooms } from './rooms';

/**
 * Every command and where its code is. The code is read when the command is first used, so activation pays
 * for this table only.
 */
const COMMANDS: Record<CommandId, () => Promise<Command>> = {
  'seedance.generateFromSelection': () => import('./generateFromSelection'),
  'seedance.generate': () => import('./generate'),
  'seedance.useAsFirstFrame': () => import('./useAsFirstFrame'),
  'seedance.setApiKey': () => import('./setApiKey'),
  'seedance.removeApiKey': () => import('./removeApiKey'),
  'seedance.showBalance': () => import('./showBalance'),
  'seedance.addTask': () => import('./addTask'),
  'seedance.refresh': () => import('./refresh'),
  'seedance.showLog': () => import('./showLog'),
  'seedance.cleanUpCopies': () => import('./cleanUpCopies'),
  'seedance.exportTasks': () => import('./exportTasks'),
  'seedance.importTasks': () => import('./importTasks'),
  'seedance.chooseModel': () => import('./chooseModel'),
  'seedance.showSpending': () => import('./showSpending'),
  'seedance.exportSpending': () => import('./exportSpending'),
  'seedance.task.preview': () => import('./previewTask'),
  'seedance.task.save': () => import('./saveTask'),
  'seedance.task.saveAs': () => import('./saveTaskAs'),
  'seedance.task.again': () => import('./generateAgain'),
  'seedance.task.check': () => import('./checkTask'),
  'seedance.task.copyPrompt': () => import('./copyPrompt'),
  'seedance.task.copyId': () => import('./copyId'),
  'seedance.task.copyLink': () => import('./copyLink'),
  'seedance.task.reveal': () => import('./revealTask'),
  'seedance.task.remove': () => import('./removeTask'),
  'seedance.task.addId': () => import('./addTaskId'),
};

/**
 * Registers all commands. What a command throws is told to the person in here, and in the log; it is not
 * thrown on, or VS Code would show it a second time in its own words. Only a caller's mistake
 * (`InvalidArguments`) goes back to the caller.
 *
 * @param rooms asked when a command runs, so that the rooms too may be built when first needed
 */
export function registerCommands(rooms: () => Rooms | Promise<Rooms>): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.entries(COMMANDS).map(([id, load]) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const built = await rooms();
        try {
          const command = await load();
          return await command.run(built, ...args);
        } catch (error) {
          const { tell } = await import('./tellError');
          tell(built, id, error);
          return undefined;
        }
      }),
    ),
  );
}
