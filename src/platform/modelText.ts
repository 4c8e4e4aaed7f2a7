import * as vscode from 'vscode';
import { titleOf } from '../gateway/catalogue';
import { formatRoubles } from './format';

/** `Seedance 1 Pro · 1080P · 5 s`, or the id of a model that is not read. */
export function modelTitle(id: string): string {
  return titleOf(id, formatSeconds);
}

export function formatSeconds(seconds: number): string {
  return vscode.l10n.t('{0} s', seconds);
}

export function priceText(price: number | undefined): string {
  return price === undefined ? vscode.l10n.t('price unknown') : formatRoubles(price);
}
