import * as vscode from 'vscode';
import { Commands } from './ids';
import type { Rooms } from './rooms';

/**
 * Registers all commands. Their code is read with the first that is used (`all.ts`), so activation pays for
 * the ids only. What a command throws is told to the person in here, and in the log; it is not
 * thrown on, or VS Code would show it a second time in its own words. Only a caller's mistake
 * (`InvalidArguments`) goes back to the caller.
 *
 * @param rooms asked when a command runs, so that the rooms too may be built when first needed
 */
export function registerCommands(rooms: () => Rooms | Promise<Rooms>): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.values(Commands).map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const built = await rooms();
        try {
          const { COMMANDS } = await import('./all');
          return await COMMANDS[id].run(built, ...args);
        } catch (error) {
          const { tell } = await import('./all');
          await tell(built, id, error);
          return undefined;
        }
      }),
    ),
  );
}
