import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';

/**
 * Registers all commands. Activation pays for the ids only: the handlers are loaded with the first command that runs.
 *
 * What a handler throws is shown to the user and logged here. It is not thrown on, or VS Code would show it a second
 * time in its own words. Only a caller's mistake (`InvalidArguments`) goes back to the caller.
 *
 * @param getServices called when a command runs, so that lazy services are created when they are first needed
 */
export function registerCommands(getServices: () => ExtensionServices): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.values(Commands).map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const services = getServices();
        const { COMMANDS, showError } = await import('./commandTable');
        try {
          return await COMMANDS[id](services, ...args);
        } catch (error) {
          showError(services, id, error);
          return undefined;
        }
      }),
    ),
  );
}
