import * as vscode from 'vscode';
import { pickAspectRatio } from '../generation/aspectRatioPicker';
import { saveAsDefault } from '../generation/saveDefaults';
import type { ModelChoice } from '../platform/requestDefaults';
import { EXTRA_ITEM, pickModel } from '../generation/modelPicker';
import type { ExtensionServices } from '../container';
import { BACK } from '../ui/quickInput';

/** Sets the default model and aspect ratio. Also a click on the status bar. Costs nothing. */
export async function chooseModel(services: ExtensionServices): Promise<void> {
  const scope = vscode.window.activeTextEditor?.document.uri;
  for (;;) {
    const { model, aspectRatio } = services.defaults.read(scope);
    const picked = await pickModel(services, model, {
      placeholder: vscode.l10n.t('The model of the next videos'),
      further: {
        section: vscode.l10n.t('Aspect ratio'),
        label: `$(screen-full) ${vscode.l10n.t('Aspect ratio: {0}', aspectRatio)}`,
      },
    });
    if (picked === undefined || picked === BACK) {
      return;
    }
    let defaults: Partial<ModelChoice>;
    if (picked === EXTRA_ITEM) {
      const ratio = await pickAspectRatio(aspectRatio);
      if (ratio === undefined) {
        return;
      }
      if (ratio === BACK) {
        continue;
      }
      defaults = { aspectRatio: ratio };
    } else {
      defaults = { model: picked };
    }
    if ((await saveAsDefault(services, defaults, scope)) !== BACK) {
      return;
    }
  }
}
