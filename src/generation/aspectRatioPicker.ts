import * as vscode from 'vscode';
import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';
import { BACK, showPick, type InputResult } from '../ui/quickInput';

/** Asks for an aspect ratio. The current one is active. */
export async function pickAspectRatio(current: AspectRatio): Promise<InputResult<AspectRatio>> {
  const items = ASPECT_RATIOS.map((ratio) => ({
    label: ratio === current ? `$(check) ${ratio}` : ratio,
    description: describeAspectRatio(ratio),
    ratio,
  }));
  const picked = await showPick({
    title: vscode.l10n.t('Aspect ratio'),
    items,
    active: items.find(({ ratio }) => ratio === current),
    matchOnDescription: true,
    back: true,
  });
  return picked === BACK ? BACK : picked?.ratio;
}

function describeAspectRatio(ratio: AspectRatio): string {
  switch (ratio) {
    case '16:9':
      return vscode.l10n.t('landscape: screens, video sites');
    case '9:16':
      return vscode.l10n.t('portrait: phones, stories');
    case '1:1':
      return vscode.l10n.t('square: feeds');
  }
}
