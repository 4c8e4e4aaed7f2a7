import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import type { ModelChoice } from '../platform/requestDefaults';
import { BACK, showPick, type InputResult } from '../ui/quickInput';

interface ConfigTargetItem {
  target: vscode.ConfigurationTarget;
  label: string;
  description?: string;
}

/**
 * Saves model and aspect ratio as defaults, for the user or for the workspace. Asks only if there is a workspace.
 *
 * @param scope the document or folder that the settings are read for
 */
export async function saveAsDefault(
  services: Pick<ExtensionServices, 'defaults'>,
  defaults: Partial<ModelChoice>,
  scope: vscode.Uri | undefined,
): Promise<InputResult<true>> {
  const configuration = vscode.workspace.getConfiguration('seedance', scope);
  const targets = getTargetItems(scope);
  const active = targets.find(({ target }) => target === getEffectiveTarget(configuration, defaults)) ?? targets[0];
  const choice =
    targets.length === 1
      ? targets[0]
      : await showPick({
          title: vscode.l10n.t('Keep as default'),
          placeholder: vscode.l10n.t('For whom?'),
          items: targets,
          active,
          back: true,
        });
  if (choice === undefined || choice === BACK) {
    return choice;
  }
  for (const [key, value] of Object.entries(defaults)) {
    await configuration.update(key, value, choice.target);
  }
  // Where the setting said the same before, nothing has changed that would end an earlier choice.
  services.defaults.forget(['model', 'aspectRatio'].filter((key) => key in defaults) as (keyof ModelChoice)[]);
  return true;
}

function getTargetItems(scope: vscode.Uri | undefined): ConfigTargetItem[] {
  const { workspaceFolders, workspaceFile } = vscode.workspace;
  const me = {
    target: vscode.ConfigurationTarget.Global,
    label: `$(account) ${vscode.l10n.t('For me')}`,
    description: vscode.l10n.t('wherever a workspace has no default of its own'),
  };
  if (workspaceFolders === undefined) {
    return [me];
  }
  const workspace = {
    target: vscode.ConfigurationTarget.Workspace,
    label: `$(root-folder) ${vscode.l10n.t('For this workspace')}`,
  };
  const folder = scope && vscode.workspace.getWorkspaceFolder(scope);
  return [
    me,
    workspace,
    // In a single-folder workspace both targets are the same file.
    ...(workspaceFile !== undefined && folder
      ? [
          {
            target: vscode.ConfigurationTarget.WorkspaceFolder,
            label: `$(folder) ${vscode.l10n.t('For the folder {0}', folder.name)}`,
          },
        ]
      : []),
  ];
}

/** The target that the current value comes from: a change in a weaker one would have no effect. */
function getEffectiveTarget(
  configuration: vscode.WorkspaceConfiguration,
  defaults: Partial<ModelChoice>,
): vscode.ConfigurationTarget {
  const found = Object.keys(defaults).map((key) => configuration.inspect(key));
  if (found.some((at) => at?.workspaceFolderValue !== undefined) && vscode.workspace.workspaceFile !== undefined) {
    return vscode.ConfigurationTarget.WorkspaceFolder;
  }
  return found.some((at) => at?.workspaceValue !== undefined)
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
}
