import * as vscode from 'vscode';
import { type ModelInfo, getFamilyTitle, parseModelId } from '../api/models';
import type { ExtensionServices } from '../container';
import { BACK, showPick, type InputResult } from '../ui/quickInput';
import { describeError } from '../ui/showError';
import { getDurations, getFamilies, getNearestModel, getOtherModels, getResolutions } from '../api/modelGroups';
import { formatDateTime, formatRoubles, formatSeconds, formatModelTitle, formatPrice } from '../messages/format';
import { escapeCodicons } from '../common/text';
import type { KnownModels } from '../api/modelCatalog';

const RECENT_MODELS = 'seedance.recentModels';
const MAX_RECENT = 3;

export interface ModelPickOptions {
  /** Instead of the catalog: the models that the service suggested when it refused one. */
  models?: readonly ModelInfo[] | undefined;
  /** A model to leave out, because it was just refused. */
  without?: string;
  placeholder?: string;
  /** Whether there is a step to go back to. */
  back?: boolean;
}

/** An item at the end of the first step that leads elsewhere. */
interface ExtraItem {
  section: string;
  label: string;
}

/** The user chose the extra item. */
export const EXTRA_ITEM = Symbol('further');

/**
 * Asks for a model in two steps: the family, then resolution and duration, each with its price. The last choice is
 * active, so Enter takes it; in a family the variant nearest to the current model is, so pressing Enter twice changes
 * only the family.
 */
export function pickModel(
  services: ExtensionServices,
  current: string,
  options?: ModelPickOptions,
): Promise<InputResult<string>>;
export function pickModel(
  services: ExtensionServices,
  current: string,
  options: ModelPickOptions & { further: ExtraItem },
): Promise<InputResult<string> | typeof EXTRA_ITEM>;
export async function pickModel(
  services: ExtensionServices,
  current: string,
  options: ModelPickOptions & { further?: ExtraItem } = {},
): Promise<InputResult<string> | typeof EXTRA_ITEM> {
  // Shows the cached models at once, and updates the list when newer ones arrive.
  void services.modelCatalog.refresh();
  let at: FamilyChoice | typeof EXTRA_ITEM | undefined;
  for (;;) {
    const picked = await pickFamily(services, current, options, at);
    if (picked === BACK || picked === undefined || picked === EXTRA_ITEM) {
      return picked;
    }
    const model =
      typeof picked === 'object' && 'model' in picked
        ? picked.model
        : await pickVariant(services, picked, current, options);
    if (model !== BACK) {
      if (model !== undefined) {
        await rememberModel(services, model);
      }
      return model;
    }
    at = picked;
  }
}

/** The models that the user chose last, newest first. */
export function getRecentModels(services: Pick<ExtensionServices, 'context'>): string[] {
  const stored = services.context.globalState.get<unknown>(RECENT_MODELS);
  return Array.isArray(stored) ? stored.filter((model) => typeof model === 'string').slice(0, MAX_RECENT) : [];
}

async function rememberModel(services: ExtensionServices, model: string): Promise<void> {
  const others = getRecentModels(services).filter((other) => other !== model);
  await services.context.globalState.update(RECENT_MODELS, [model, ...others].slice(0, MAX_RECENT));
}

async function pickFamily(
  services: ExtensionServices,
  current: string,
  options: ModelPickOptions & { further?: ExtraItem },
  at: FamilyChoice | typeof EXTRA_ITEM | undefined,
): Promise<InputResult<FamilyChoice> | typeof EXTRA_ITEM> {
  const { further } = options;
  type Item = FamilyItem & { further?: true };
  const items = (): Item[] => {
    const recent = getRecentModels(services).filter((model) => model !== options.without);
    return [
      ...getFamilyItems(getOfferedModels(services, options), recent, current),
      ...(further ? [separator(further.section), { label: further.label, further: true as const }] : []),
    ];
  };
  const shown = items();
  const picked = await showPick<Item>({
    title: vscode.l10n.t('Model'),
    placeholder: options.placeholder ?? vscode.l10n.t('The last choice, or a family of models'),
    items: shown,
    active:
      shown.find(({ choice }) => at !== undefined && JSON.stringify(choice) === JSON.stringify(at)) ??
      getActiveFamily(shown, current),
    matchOnDescription: true,
    back: options.back ?? false,
    onDidShow: (list) => keepFresh(services, options, list, items, ({ choice }) => JSON.stringify(choice)),
  });
  if (picked === BACK || picked === undefined) {
    return picked;
  }
  return picked.further ? EXTRA_ITEM : picked.choice;
}

async function pickVariant(
  services: ExtensionServices,
  choice: { family: string } | 'other',
  current: string,
  options: ModelPickOptions,
): Promise<InputResult<string>> {
  const items = () => {
    const { models } = getOfferedModels(services, options);
    return choice === 'other' ? getOtherItems(models, current) : getVariantItems(models, choice.family, current);
  };
  const shown = items();
  const nearest =
    choice === 'other'
      ? current
      : getNearestVariant(getOfferedModels(services, options).models, choice.family, current);
  const picked = await showPick({
    title: getGroupTitle(choice),
    placeholder: choice === 'other' ? vscode.l10n.t('By ID and price') : vscode.l10n.t('Resolution and duration'),
    items: shown,
    active: shown.find(({ model }) => model !== undefined && model === nearest),
    matchOnDescription: true,
    back: true,
    onDidShow: (list) => keepFresh(services, options, list, items, ({ model }) => model),
  });
  return picked === BACK ? BACK : picked?.model;
}

function getOfferedModels(services: ExtensionServices, { models, without }: ModelPickOptions): OfferedModels {
  const known: OfferedModels = models ? { models, source: 'refused' } : services.modelCatalog.current();
  return without === undefined ? known : { models: known.models.filter(({ id }) => id !== without), source: 'refused' };
}

/** Updates the open list when the catalog changes, and adds a button that refreshes the catalog. */
function keepFresh<T extends vscode.QuickPickItem>(
  services: ExtensionServices,
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
  const changed = services.modelCatalog.onDidChange(draw);
  const fetchNow = async () => {
    list.busy = true;
    const { error } = await services.modelCatalog.refresh({ force: true });
    list.busy = false;
    if (error) {
      list.placeholder = describeError(error, services.now())?.what ?? list.placeholder;
    } else {
      // The date of the prices has changed even if the models have not.
      draw();
    }
  };
  const pressed = list.onDidTriggerButton((button) => button === refresh && !list.busy && void fetchNow());
  return vscode.Disposable.from({ dispose: () => changed.dispose() }, pressed);
}

/** What the first step returns: a model, a family whose variants follow, or the models of no known family. */
export type FamilyChoice = { model: string } | { family: string } | 'other';

export interface FamilyItem extends vscode.QuickPickItem {
  choice?: FamilyChoice;
}

export interface ModelItem extends vscode.QuickPickItem {
  model?: string;
}

/** The models to choose from, and how current they are. */
export type OfferedModels = Pick<KnownModels, 'models' | 'fetchedAt'> & {
  /** `refused`: suggestions of the service instead of a model that it refused. */
  source: KnownModels['source'] | 'refused';
};

const MAX_KNOWN = 3;

/**
 * The items of the first step: the last choices, then the families.
 *
 * @param recent newest first
 */
export function getFamilyItems(offered: OfferedModels, recent: readonly string[], current: string): FamilyItem[] {
  const { models } = offered;
  const prices = new Map(models.map(({ id, price }) => [id, price]));
  const isOffered = (model: string) => offered.source !== 'refused' || prices.has(model);
  const known = [...new Set([...recent, current])].filter(isOffered).slice(0, MAX_KNOWN);
  const currentFamily = parseModelId(current)?.family;
  const others = getOtherModels(models).length;
  return [
    ...(known.length === 0
      ? []
      : [separator(recent.length > 0 ? vscode.l10n.t('chosen last') : vscode.l10n.t('default'))]),
    ...known.map((model): FamilyItem => ({
      label: marked(escapeCodicons(formatModelTitle(model)), model === current),
      description: joined([formatPrice(prices.get(model)), getSoundText(model)]),
      choice: { model },
    })),
    separator(getSourceText(offered)),
    ...getFamilies(models).map(({ family, title, audio, resolutions, fromPrice }): FamilyItem => ({
      label: marked(title, family === currentFamily && known.length === 0),
      description: joined([
        fromPrice === undefined ? undefined : vscode.l10n.t('from {0}', formatRoubles(fromPrice)),
        resolutions.length === 0 ? undefined : resolutions.join(', '),
        audio ? vscode.l10n.t('with sound') : undefined,
      ]),
      ...getFamilyHint(family),
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

/**
 * What a family is good for: by its prices, by what it makes, and by the maker's guides. Nothing is said of how good its
 * pictures are, for nobody has measured that here.
 */
function getFamilyHint(family: string): { detail?: string } {
  switch (family) {
    case 'seedance-1-pro':
      return { detail: vscode.l10n.t('For one shot from a text or a first frame, without sound.') };
    case 'seedance-1-pro-fast':
      return { detail: vscode.l10n.t('For trying out prompts: the lowest price.') };
    case 'seedance-1-lite':
      return { detail: vscode.l10n.t('For one shot at a price between Pro Fast and Pro.') };
    case 'seedance-1-5-pro':
      return { detail: vscode.l10n.t('The generation after 1 Pro at about half its price, without sound.') };
    case 'seedance-1-5-pro-audio':
      return { detail: vscode.l10n.t('For speech and sounds: lines in double quotes are spoken.') };
    case 'seedance-2':
      return {
        detail: vscode.l10n.t(
          'For several shots in one prompt (“Shot 1: … Shot 2: …”), with speech and sound, up to 15 s and 4K.',
        ),
      };
    case 'seedance-2-fast':
      return { detail: vscode.l10n.t('Seedance 2 for less, up to 720P.') };
    case 'seedance-2-mini':
      return { detail: vscode.l10n.t('The least expensive Seedance 2: for trying out several shots with sound.') };
    default:
      return {};
  }
}

/** The item that Enter takes: the last choice, or else the family of the current model. */
export function getActiveFamily(items: readonly FamilyItem[], current: string): FamilyItem | undefined {
  const family = parseModelId(current)?.family;
  const isAtHand = ({ choice }: FamilyItem) =>
    typeof choice === 'object' && ('model' in choice || choice.family === family);
  return items.find(isAtHand) ?? items.find(({ choice }) => choice !== undefined);
}

/** The existing variants of a family, by resolution (`480P` before `1080P`) and duration. */
export function getVariantItems(models: readonly ModelInfo[], family: string, current: string): ModelItem[] {
  return getResolutions(models, family).flatMap(({ resolution }): ModelItem[] => [
    separator(resolution ?? vscode.l10n.t('chosen by the service')),
    ...getDurations(models, family, resolution).map(({ id, seconds, price }) => {
      const label =
        joined([resolution, seconds === undefined ? undefined : formatSeconds(seconds)]) || escapeCodicons(id);
      return { label: marked(label, id === current), description: formatPrice(price), model: id };
    }),
  ]);
}

/** The variant of a family that is nearest to the current model in resolution and duration. */
export function getNearestVariant(models: readonly ModelInfo[], family: string, current: string): string | undefined {
  return getNearestModel(models, family, parseModelId(current))?.id;
}

/** Models of no known family, by id and price; those that may not make videos come last. */
export function getOtherItems(models: readonly ModelInfo[], current: string): ModelItem[] {
  const toItem = ({ id, price }: { id: string; price?: number }): ModelItem => ({
    label: marked(escapeCodicons(id), id === current),
    description: formatPrice(price),
    model: id,
  });
  const others = getOtherModels(models);
  const rest = others.filter(({ video }) => !video);
  return [
    ...others.filter(({ video }) => video).map(toItem),
    ...(rest.length === 0 ? [] : [separator(vscode.l10n.t('may not make videos')), ...rest.map(toItem)]),
  ];
}

/** Returns the title of the second step. */
export function getGroupTitle(choice: { family: string } | 'other'): string {
  return choice === 'other'
    ? vscode.l10n.t('Other models of the service')
    : joined([getFamilyTitle(choice.family), getSoundText(choice.family)]);
}

/** Where the prices come from, as a message. */
export function getSourceText({ source, fetchedAt }: OfferedModels): string {
  switch (source) {
    case 'refused':
      return vscode.l10n.t('offered by the service');
    case 'live':
      return vscode.l10n.t('prices of {0}', formatDateTime(fetchedAt ?? 0));
    case 'built-in':
      return vscode.l10n.t('built-in prices, they may have changed');
  }
}

function getSoundText(model: string): string | undefined {
  return parseModelId(model)?.audio ? vscode.l10n.t('with sound') : undefined;
}

function marked(label: string, isCurrent: boolean): string {
  return isCurrent ? `$(check) ${label}` : label;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' · ');
}

/** Creates a separator with a label for a quick pick. */
export function separator(label: string): vscode.QuickPickItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}
