import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { ExtensionServices } from '../container';

/**
 * Registers all commands. Activation pays for the ids only: the handlers (`commandTable.ts`) are loaded with the first
 * command that runs.
 *
 * @param getServices called when a command runs, so that lazy services are created when they are first needed
 */
export function registerCommands(getServices: () => ExtensionServices): vscode.Disposable {
  return vscode.Disposable.from(
    ...Object.values(Commands).map((id) =>
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        const { runCommand } = await import('./commandTable');
        return runCommand(getServices(), id, args);
      }),
    ),
  );
}
