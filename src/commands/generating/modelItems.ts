import * as vscode from 'vscode';
import { familyTitle, parseModelId, type ModelInfo } from '../../gateway/catalogue';
import { durationsOf, families, nearestIn, otherModels, resolutionsOf } from '../../gateway/modelTree';
import { formatDateTime, formatRoubles } from '../../platform/format';
import { inLabel } from '../../platform/foreignText';
import { formatSeconds, modelTitle, priceText } from '../../platform/modelText';
import type { KnownModels } from '../../tasks/catalogue';

/** The lists of the model picker, without the picker. */

export type FamilyChoice = { model: string } | { family: string } | 'other';

export interface FamilyItem extends vscode.QuickPickItem {
  choice?: FamilyChoice;
}

export interface ModelItem extends vscode.QuickPickItem {
  model?: string;
}

/** What is chosen from, and how fresh it is. */
export type Offered = Pick<KnownModels, 'models' | 'fetchedAt'> & {
  /** `refused`: what may be chosen in place of a model that the service refused. */
  source: KnownModels['source'] | 'refused';
};

const MAX_KNOWN = 3;

/**
 * First what was chosen before, then the families.
 *
 * @param recent newest first
 */
export function familyItems(offered: Offered, recent: readonly string[], current: string): FamilyItem[] {
  const { models } = offered;
  const prices = new Map(models.map(({ id, price }) => [id, price]));
  const isOffered = (model: string) => offered.source !== 'refused' || prices.has(model);
  const known = [...new Set([...recent, current])].filter(isOffered).slice(0, MAX_KNOWN);
  const currentFamily = parseModelId(current)?.family;
  const others = otherModels(models).length;
  return [
    ...(known.length === 0
      ? []
      : [separator(recent.length > 0 ? vscode.l10n.t('chosen last') : vscode.l10n.t('default'))]),
    ...known.map((model): FamilyItem => ({
      label: marked(inLabel(modelTitle(model)), model === current),
      description: joined([priceText(prices.get(model)), soundOf(model)]),
      choice: { model },
    })),
    separator(sourceText(offered)),
    ...families(models).map(({ family, title, audio, resolutions, fromPrice }): FamilyItem => ({
      label: marked(title, family === currentFamily && known.length === 0),
      description: joined([
        fromPrice === undefined ? undefined : vscode.l10n.t('from {0}', formatRoubles(fromPrice)),
        resolutions.length === 0 ? undefined : resolutions.join(', '),
        audio ? vscode.l10n.t('with sound') : undefined,
      ]),
      choice: { family },
    })),
    ...(others === 0
      ? []
      : [
          {
            label: vscode.l10n.t('Other models…'),
            description: vscode.l10n.t('by other makers: {0}', others),
            choice: 'other' as const,
          },
        ]),
  ];
}

/** Which of them Enter takes: the last choice, else the family at hand. */
export function activeFamily(items: readonly FamilyItem[], current: string): FamilyItem | undefined {
  const family = parseModelId(current)?.family;
  const isAtHand = ({ choice }: FamilyItem) =>
    typeof choice === 'object' && ('model' in choice || choice.family === family);
  return items.find(isAtHand) ?? items.find(({ choice }) => choice !== undefined);
}

/** Only what exists: by resolution, `480P` before `1080P`, in it by duration. */
export function variantItems(models: readonly ModelInfo[], family: string, current: string): ModelItem[] {
  return resolutionsOf(models, family).flatMap(({ resolution }): ModelItem[] => [
    separator(resolution ?? vscode.l10n.t('chosen by the service')),
    ...durationsOf(models, family, resolution).map(({ id, seconds, price }) => {
      const label = joined([resolution, seconds === undefined ? undefined : formatSeconds(seconds)]) || inLabel(id);
      return { label: marked(label, id === current), description: priceText(price), model: id };
    }),
  ]);
}

/** A change of family alone keeps resolution and duration, as far as there are such: Enter twice is enough. */
export function nearestVariant(models: readonly ModelInfo[], family: string, current: string): string | undefined {
  return nearestIn(models, family, parseModelId(current))?.id;
}

/** By id and price; what is by no maker of video comes last. */
export function otherItems(models: readonly ModelInfo[], current: string): ModelItem[] {
  const toItem = ({ id, price }: { id: string; price?: number }): ModelItem => ({
    label: marked(inLabel(id), id === current),
    description: priceText(price),
    model: id,
  });
  const others = otherModels(models);
  const rest = others.filter(({ video }) => !video);
  return [
    ...others.filter(({ video }) => video).map(toItem),
    ...(rest.length === 0 ? [] : [separator(vscode.l10n.t('may not make videos')), ...rest.map(toItem)]),
  ];
}

export function titleOfFamily(choice: { family: string } | 'other'): string {
  return choice === 'other'
    ? vscode.l10n.t('Other models of the service')
    : joined([familyTitle(choice.family), soundOf(choice.family)]);
}

/** How far the prices can be believed. */
export function sourceText({ source, fetchedAt }: Offered): string {
  switch (source) {
    case 'refused':
      return vscode.l10n.t('offered by the service');
    case 'live':
      return vscode.l10n.t('prices of {0}', formatDateTime(fetchedAt ?? 0));
    case 'built-in':
      return vscode.l10n.t('built-in prices, they may have changed');
  }
}

function soundOf(model: string): string | undefined {
  return parseModelId(model)?.audio ? vscode.l10n.t('with sound') : undefined;
}

function marked(label: string, isCurrent: boolean): string {
  return isCurrent ? `$(check) ${label}` : label;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ');
}

export function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
