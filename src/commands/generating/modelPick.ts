import * as vscode from 'vscode';
import type { ModelInfo } from '../../gateway/catalogue';
import type { Rooms } from '../rooms';
import { BACK, pick, type Answer } from '../steps';
import { explainThrown } from '../tellError';
import {
  activeFamily,
  familyItems,
  nearestVariant,
  otherItems,
  separator,
  titleOfFamily,
  variantItems,
  type FamilyChoice,
  type FamilyItem,
  type Offered,
} from './modelItems';

const RECENT_MODELS = 'seedance.recentModels';
const MAX_RECENT = 3;

export interface ModelPickOptions {
  /** In place of what is known: the models that the service named when it refused one. */
  models?: readonly ModelInfo[] | undefined;
  /** Left out: it was just refused. */
  without?: string;
  placeholder?: string;
  /** Whether there is a step to go back to. */
  back?: boolean;
}

/** A line at the end of the first step that leads elsewhere. */
interface FurtherLine {
  section: string;
  label: string;
}

/** The line at the end was chosen. */
export const FURTHER = Symbol('further');

/**
 * Family, then what it can do: resolution and duration, each with its price. What was chosen last is the
 * first line, so Enter takes it; in a family the variant nearest to the one at hand is, so Enter twice
 * changes the family alone.
 */
export function pickModel(rooms: Rooms, current: string, options?: ModelPickOptions): Promise<Answer<string>>;
export function pickModel(
  rooms: Rooms,
  current: string,
  options: ModelPickOptions & { further: FurtherLine },
): Promise<Answer<string> | typeof FURTHER>;
export async function pickModel(
  rooms: Rooms,
  current: string,
  options: ModelPickOptions & { further?: FurtherLine } = {},
): Promise<Answer<string> | typeof FURTHER> {
  // What is known is shown at once, and corrected when a fresher list comes.
  void rooms.catalogue.refresh();
  let at: FamilyChoice | typeof FURTHER | undefined;
  for (;;) {
    const picked = await pickFamily(rooms, current, options, at);
    if (picked === BACK || picked === undefined || picked === FURTHER) {
      return picked;
    }
    const model =
      typeof picked === 'object' && 'model' in picked
        ? picked.model
        : await pickVariant(rooms, picked, current, options);
    if (model !== BACK) {
      if (model !== undefined) {
        await remember(rooms, model);
      }
      return model;
    }
    at = picked;
  }
}

/** Newest first. */
export function recentModels(rooms: Pick<Rooms, 'context'>): string[] {
  const stored = rooms.context.globalState.get<unknown>(RECENT_MODELS);
  return Array.isArray(stored) ? stored.filter((model) => typeof model === 'string').slice(0, MAX_RECENT) : [];
}

async function remember(rooms: Rooms, model: string): Promise<void> {
  const others = recentModels(rooms).filter((other) => other !== model);
  await rooms.context.globalState.update(RECENT_MODELS, [model, ...others].slice(0, MAX_RECENT));
}

async function pickFamily(
  rooms: Rooms,
  current: string,
  options: ModelPickOptions & { further?: FurtherLine },
  at: FamilyChoice | typeof FURTHER | undefined,
): Promise<Answer<FamilyChoice> | typeof FURTHER> {
  const { further } = options;
  type Item = FamilyItem & { further?: true };
  const items = (): Item[] => {
    const recent = recentModels(rooms).filter((model) => model !== options.without);
    return [
      ...familyItems(offered(rooms, options), recent, current),
      ...(further ? [separator(further.section), { label: further.label, further: true as const }] : []),
    ];
  };
  const shown = items();
  const picked = await pick<Item>({
    title: vscode.l10n.t('Model'),
    placeholder: options.placeholder ?? vscode.l10n.t('The last choice, or a family of models'),
    items: shown,
    active:
      shown.find(({ choice }) => at !== undefined && JSON.stringify(choice) === JSON.stringify(at)) ??
      activeFamily(shown, current),
    matchOnDescription: true,
    back: options.back ?? false,
    opened: (list) => keepFresh(rooms, options, list, items, ({ choice }) => JSON.stringify(choice)),
  });
  if (picked === BACK || picked === undefined) {
    return picked;
  }
  return picked.further ? FURTHER : picked.choice;
}

async function pickVariant(
  rooms: Rooms,
  choice: { family: string } | 'other',
  current: string,
  options: ModelPickOptions,
): Promise<Answer<string>> {
  const items = () => {
    const { models } = offered(rooms, options);
    return choice === 'other' ? otherItems(models, current) : variantItems(models, choice.family, current);
  };
  const shown = items();
  const nearest = choice === 'other' ? current : nearestVariant(offered(rooms, options).models, choice.family, current);
  const picked = await pick({
    title: titleOfFamily(choice),
    placeholder: choice === 'other' ? vscode.l10n.t('By ID and price') : vscode.l10n.t('Resolution and duration'),
    items: shown,
    active: shown.find(({ model }) => model !== undefined && model === nearest),
    matchOnDescription: true,
    back: true,
    opened: (list) => keepFresh(rooms, options, list, items, ({ model }) => model),
  });
  return picked === BACK ? BACK : picked?.model;
}

function offered(rooms: Rooms, { models, without }: ModelPickOptions): Offered {
  const known: Offered = models ? { models, source: 'refused' } : rooms.catalogue.current();
  return without === undefined ? known : { models: known.models.filter(({ id }) => id !== without), source: 'refused' };
}

/** The open list follows the catalogue, and has a button that asks the service for it now. */
function keepFresh<T extends vscode.QuickPickItem>(
  rooms: Rooms,
  options: ModelPickOptions,
  list: vscode.QuickPick<T>,
  items: () => readonly T[],
  key: (item: T) => string | undefined,
): vscode.Disposable {
  if (options.models) {
    return new vscode.Disposable(() => undefined);
  }
  const draw = () => {
    const active = list.activeItems[0];
    list.items = items();
    list.activeItems = active ? list.items.filter((item) => key(item) !== undefined && key(item) === key(active)) : [];
  };
  const refresh = {
    iconPath: new vscode.ThemeIcon('refresh'),
    tooltip: vscode.l10n.t('Ask the service for its models and prices now'),
  };
  list.buttons = [refresh];
  const changed = rooms.catalogue.onDidChange(draw);
  const fetchNow = async () => {
    list.busy = true;
    const { error } = await rooms.catalogue.refresh({ force: true });
    list.busy = false;
    if (error) {
      list.placeholder = explainThrown(error, rooms.now())?.what ?? list.placeholder;
    } else {
      // Also when nothing but the date has changed.
      draw();
    }
  };
  const pressed = list.onDidTriggerButton((button) => button === refresh && !list.busy && void fetchNow());
  return vscode.Disposable.from({ dispose: () => changed.dispose() }, pressed);
}
