import * as vscode from 'vscode';
import { readSettings } from '../platform/settings';
import { pickAspectRatio } from './generating/aspectRatioPick';
import { keepAsDefault, type Usual } from './generating/defaults';
import { FURTHER, pickModel } from './generating/modelPick';
import type { Rooms } from './rooms';
import { BACK } from './steps';

/** What the next generation is proposed with; also a click on the status bar. Costs nothing. */
export async function run(rooms: Rooms): Promise<void> {
  const scope = vscode.window.activeTextEditor?.document.uri;
  for (;;) {
    const { model, aspectRatio } = readSettings(scope);
    const picked = await pickModel(rooms, model, {
      placeholder: vscode.l10n.t('The model of the next videos'),
      further: {
        section: vscode.l10n.t('Aspect ratio'),
        label: `$(screen-full) ${vscode.l10n.t('Aspect ratio: {0}', aspectRatio)}`,
      },
    });
    if (picked === undefined || picked === BACK) {
      return;
    }
    let usual: Usual;
    if (picked === FURTHER) {
      const ratio = await pickAspectRatio(aspectRatio);
      if (ratio === undefined) {
        return;
      }
      if (ratio === BACK) {
        continue;
      }
      usual = { aspectRatio: ratio };
    } else {
      usual = { model: picked };
    }
    if ((await keepAsDefault(usual, scope)) !== BACK) {
      return;
    }
  }
}
