import * as vscode from 'vscode';
import { parseModelId, type ModelInfo } from '../../gateway/catalogue';
import { durationsOf, families, nearestIn, otherModels, resolutionsOf } from '../../gateway/modelTree';
import { formatRoubles } from '../../platform/format';
import { inLabel } from '../../platform/foreignText';
import { formatSeconds, modelTitle, priceText } from '../../platform/modelText';
import type { Rooms } from '../rooms';
import { BACK, pick, type Answer } from '../steps';

const LAST_MODEL = 'seedance.lastModel';

interface FamilyItem extends vscode.QuickPickItem {
  choice?: { model: string } | { family: string } | 'other';
}

interface ModelItem extends vscode.QuickPickItem {
  model?: string;
}

/** Family, then what it can do. The last choice is the first item of the first step. */
export async function pickModel(rooms: Rooms, current: string): Promise<Answer<string>> {
  // What is known is shown at once; a fresher list is there the next time, and its price in the next step.
  void rooms.catalogue.refresh();
  for (;;) {
    const { models } = rooms.catalogue.current();
    const items = familyItems(rooms, models, current);
    const family = await pick({
      title: vscode.l10n.t('Model'),
      placeholder: vscode.l10n.t('Choose a family of models'),
      items,
      active: items.find(({ choice }) => choice !== undefined),
      matchOnDescription: true,
      back: true,
    });
    if (family === BACK || family?.choice === undefined) {
      return family === BACK ? BACK : undefined;
    }
    const { choice } = family;
    const model = typeof choice === 'object' && 'model' in choice ? choice.model : await pickInFamily(models, choice, current);
    if (model !== BACK) {
      if (model !== undefined) {
        void rooms.context.globalState.update(LAST_MODEL, model);
      }
      return model;
    }
  }
}

async function pickInFamily(models: readonly ModelInfo[], choice: { family: string } | 'other', current: string): Promise<Answer<string>> {
  const items = choice === 'other' ? otherItems(models, current) : variantItems(models, choice.family, current);
  // A change of family alone keeps resolution and duration: Enter twice is enough.
  const nearest = choice === 'other' ? current : nearestIn(models, choice.family, parseModelId(current))?.id;
  const picked = await pick({
    title: vscode.l10n.t('Model'),
    placeholder: choice === 'other' ? vscode.l10n.t('Other models of the service') : vscode.l10n.t('Resolution and duration'),
    items,
    active: items.find(({ model }) => model !== undefined && model === nearest),
    matchOnDescription: true,
    back: true,
  });
  return picked === BACK ? BACK : picked?.model;
}

function familyItems(rooms: Rooms, models: readonly ModelInfo[], current: string): FamilyItem[] {
  const last = rooms.context.globalState.get<unknown>(LAST_MODEL);
  const recent = [...new Set([typeof last === 'string' ? last : current, current])];
  const currentFamily = parseModelId(current)?.family;
  return [
    separator(typeof last === 'string' ? vscode.l10n.t('chosen last') : vscode.l10n.t('default')),
    ...recent.map((model): FamilyItem => ({
      label: modelTitle(model),
      description: priceText(rooms.catalogue.priceOf(model)),
      choice: { model },
    })),
    separator(vscode.l10n.t('all')),
    ...families(models).map(({ family, title, audio, fromPrice }): FamilyItem => ({
      label: family === currentFamily ? `$(check) ${title}` : title,
      description: [
        ...(fromPrice === undefined ? [] : [vscode.l10n.t('from {0}', formatRoubles(fromPrice))]),
        ...(audio ? [vscode.l10n.t('with sound')] : []),
      ].join(' · '),
      choice: { family },
    })),
    ...(otherModels(models).length === 0 ? [] : [{ label: vscode.l10n.t('Other models…'), choice: 'other' as const }]),
  ];
}

/** Only what exists, by resolution; `480P` before `1080P`. */
function variantItems(models: readonly ModelInfo[], family: string, current: string): ModelItem[] {
  return resolutionsOf(models, family).flatMap(({ resolution }): ModelItem[] => [
    separator(resolution ?? vscode.l10n.t('chosen by the service')),
    ...durationsOf(models, family, resolution).map(({ id, seconds, price }) => {
      const parts = [resolution, seconds === undefined ? undefined : formatSeconds(seconds)].filter((part) => part !== undefined);
      const label = parts.length === 0 ? id : parts.join(' · ');
      return { label: id === current ? `$(check) ${label}` : label, description: priceText(price), model: id };
    }),
  ]);
}

function otherItems(models: readonly ModelInfo[], current: string): ModelItem[] {
  const others = otherModels(models);
  const toItem = ({ id, price }: { id: string; price?: number }): ModelItem => ({
    label: id === current ? `$(check) ${inLabel(id)}` : inLabel(id),
    description: priceText(price),
    model: id,
  });
  const rest = others.filter(({ video }) => !video);
  return [
    ...others.filter(({ video }) => video).map(toItem),
    ...(rest.length === 0 ? [] : [separator(vscode.l10n.t('may not make videos')), ...rest.map(toItem)]),
  ];
}

function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
