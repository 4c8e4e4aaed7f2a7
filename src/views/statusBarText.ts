import * as vscode from 'vscode';
import { parseModelId } from '../gateway/catalogue';
import { formatDateTime } from '../platform/format';
import { inLabel } from '../platform/foreignText';
import { modelTitle, priceText } from '../platform/modelText';
import { readSettings } from '../platform/settings';
import type { Catalogue } from '../tasks/catalogue';

/** Of a model with a long name; the tooltip has all of it. */
const MAX_NAME_CHARS = 40;

/** What the next generation from the active document is proposed with, in one line and in full. */
export function textOfNext(
  catalogue: Pick<Catalogue, 'current' | 'priceOf'>,
): Pick<vscode.StatusBarItem, 'text' | 'tooltip' | 'accessibilityInformation'> {
  const { model, aspectRatio } = readSettings(vscode.window.activeTextEditor?.document.uri);
  const price = catalogue.priceOf(model);
  const { source, fetchedAt } = catalogue.current();
  const title = modelTitle(model);
  const parts = [inLabel(title, MAX_NAME_CHARS), aspectRatio, priceText(price)];
  const facts = [
    vscode.l10n.t('The next video: {0}, {1}, {2}.', title, aspectRatio, priceText(price)),
    ...(parseModelId(model)?.audio ? [vscode.l10n.t('With sound.')] : []),
    source === 'live'
      ? vscode.l10n.t('Prices of {0}.', formatDateTime(fetchedAt ?? 0))
      : vscode.l10n.t('Price of the built-in list; it may have changed.'),
    vscode.l10n.t('Click to change model or aspect ratio.'),
  ];
  return {
    text: parts.join(' · '),
    // A plain string: an id of the service is no Markdown.
    tooltip: facts.join('\n'),
    accessibilityInformation: { label: facts.join(' ') },
  };
}
