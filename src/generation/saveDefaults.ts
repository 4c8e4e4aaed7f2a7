import * as vscode from 'vscode';
import type { AspectRatio } from '../api/aspectRatio';
import { BACK, showPick, type InputResult } from '../ui/quickInput';

/** What the next generation is proposed with. */
export interface GenerationDefaults {
  model?: string;
  aspectRatio?: AspectRatio;
}

interface ConfigTargetItem {
  target: vscode.ConfigurationTarget;
  label: string;
  description?: string;
}

/**
 * Keeps model and aspect ratio as a default: for the user, or for this workspace. Asked only where there
 * is a workspace to keep it for.
 *
 * @param scope the document or folder that the settings are read for
 */
export async function saveAsDefault(
  defaults: GenerationDefaults,
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
    // With one folder it is the same file.
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

/** Where the value comes from now: written there, the change has an effect. */
function getEffectiveTarget(
  configuration: vscode.WorkspaceConfiguration,
  defaults: GenerationDefaults,
): vscode.ConfigurationTarget {
  const found = Object.keys(defaults).map((key) => configuration.inspect(key));
  if (found.some((at) => at?.workspaceFolderValue !== undefined) && vscode.workspace.workspaceFile !== undefined) {
    return vscode.ConfigurationTarget.WorkspaceFolder;
  }
  return found.some((at) => at?.workspaceValue !== undefined)
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
}
