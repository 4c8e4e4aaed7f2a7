import * as vscode from 'vscode';
import type { SourceImage } from '../images/delivery/types';
import { ImageError } from '../images/imageError';
import type { Balance } from '../api/apiClient';
import { formatPixels, formatRoubles, formatModelTitle, formatPrice } from '../messages/format';
import { escapeCodicons } from '../common/text';
import { describeImageError } from '../messages/imageErrors';
import { readSettings } from '../platform/settings';
import { COMPOSER_VIEW } from '../constants';
import type { ExtensionServices } from '../container';
import { BACK, showPick, type InputResult } from '../ui/quickInput';
import { UserFacingError } from '../ui/showError';
import { pickAspectRatio } from './aspectRatioPicker';
import { ComposerDraft } from './composerDraft';
import type { Draft } from './draft';
import {
  BALANCE_PATIENCE_MS,
  fetchBalance,
  getBalanceText,
  getLeftToday,
  getShortageMessage,
  openTopUp,
  type LeftToday,
} from './confirmBudget';
import { cropFrames, pickFirstFrame } from './imagePicker';
import { saveAsDefault } from './saveDefaults';
import { findSubstitute, isOffered } from './modelOfTask';
import { pickModel } from './modelPicker';
import { chooseDeliveryForAll, getDeliveryTitle } from './delivery/deliveryPicker';
import { isImageFile, type GenerationRequest, type SelectedFrame } from './generationRequest';
import { promptForText } from './promptInput';
import { requirePrompt } from './promptText';

/** What the user confirmed, with the price of each task as it was shown. */
export interface ConfirmedGeneration {
  request: GenerationRequest;
  price: number | undefined;
}

export interface ConfirmationOptions {
  /** Whether there is a step to go back to. */
  back?: boolean | undefined;
  /** Called after each change. `index` is that of a prompt that the user has edited, or edits just now. */
  onDidChange?: ((request: GenerationRequest, index?: number) => void) | undefined;
  /** The draft that has what was edited so far. */
  getDraft?: (() => Draft | undefined) | undefined;
}

/** What choosing an item does. */
type Action =
  | {
      kind:
        | 'generate'
        | 'topUp'
        | 'model'
        | 'otherModel'
        | 'aspectRatio'
        | 'frame'
        | 'delivery'
        | 'crop'
        | 'default'
        | 'style'
        | 'raw'
        | 'remarks'
        | 'compose';
    }
  | { kind: 'substitute'; model: string }
  | { kind: 'prompt'; index: number };

/** Lets the user change a prompt, in a box or, where that is too small, in an editor. */
export type ChangePrompt = (request: GenerationRequest, index: number) => Promise<InputResult<GenerationRequest>>;

/** `undefined` while the service has been asked and there is still patience. */
type KnownBalance = Balance | 'unknown' | undefined;

/** What there is to spend, as far as it is known. */
export interface KnownMoney {
  balance: KnownBalance;
  leftToday?: LeftToday | undefined;
}

interface ConfirmationItem extends vscode.QuickPickItem {
  action?: Action;
  price?: number | undefined;
}

/**
 * Asks for confirmation before money is spent: shows what will be generated and what it costs. Enter confirms; every
 * property can be changed from here, and each change leads back here.
 *
 * @returns what the user confirmed; `undefined` when the user gave up
 */
export async function confirmGeneration(
  services: ExtensionServices,
  proposed: GenerationRequest,
  { back, onDidChange, getDraft }: ConfirmationOptions = {},
): Promise<InputResult<ConfirmedGeneration>> {
  let request = proposed;
  // Words of a box that was left by Escape: they are not in the request, and there again when it is opened once more.
  const typed = new Map<number, string>();
  const withTyped = (of: GenerationRequest) =>
    of.with({ prompts: of.prompts.map((prompt, index) => typed.get(index) ?? prompt) });
  const changePrompt: ChangePrompt = async (before, index) => {
    const prompt = await promptForText(services, {
      title: vscode.l10n.t('Prompt'),
      value: typed.get(index) ?? before.prompts[index],
      isLongInEditor: true,
      back: true,
      choices: before,
      draft: getDraft?.(),
      onDidChange: (text) => {
        typed.set(index, text);
        onDidChange?.(before.with({ prompts: before.prompts.with(index, text) }), index);
      },
    });
    if (typeof prompt !== 'string') {
      return prompt;
    }
    typed.delete(index);
    return before.with({ prompts: before.prompts.with(index, prompt) });
  };
  let last: Action = { kind: 'generate' };
  const money: KnownMoney = { balance: undefined };
  let redraw: (() => void) | undefined;
  // Price and balance are shown as soon as they are known, and updated while the list is open.
  void services.modelCatalog.refresh();
  askForMoney(services, money, () => redraw?.());
  // Checked once the question is there: it never waits for a remark.
  const getRemarksItem = createRemarksItem(services, () => redraw?.());
  for (;;) {
    const getLate = () => getLateItems(services, request, money, getRemarksItem(request));
    let late = getLate();
    const items = [...getItems(services, request, money), ...late];
    const picked = await showPick({
      title: 'Seedance',
      placeholder: vscode.l10n.t('Enter generates. Choose another line to change it.'),
      items,
      back,
      ignoreFocusOut: true,
      active: items.find(({ action }) => isSameAction(action, last)) ?? items[0],
      onDidShow: (list) => {
        redraw = () => {
          late = keepLateItems(late, getLate());
          const next = [...getItems(services, request, money), ...late];
          if (JSON.stringify(next) === JSON.stringify(list.items)) {
            return;
          }
          const active = list.activeItems[0]?.action;
          list.items = next;
          list.activeItems = list.items.filter(({ action }) => isSameAction(action, active));
        };
        const changed = services.modelCatalog.onDidChange(redraw);
        const focused = vscode.window.onDidChangeWindowState(({ focused: isBack }) => {
          if (isBack && isShortOf(money.balance, request.totalPrice(services.modelCatalog.priceOf(request.model)))) {
            // The user may have topped it up in the browser.
            askForMoney(services, money, () => redraw?.());
          }
        });
        return new vscode.Disposable(() => {
          redraw = undefined;
          changed.dispose();
          focused.dispose();
        });
      },
    });
    if (picked === undefined || picked === BACK) {
      return picked;
    }
    if (picked.action === undefined) {
      return undefined;
    }
    if (picked.action.kind === 'generate') {
      return { request, price: picked.price };
    }
    if (picked.action.kind === 'compose') {
      // The words have moved: the next box is not to begin with them.
      getDraft?.()?.clear();
    }
    const changed = await applyAction(services, request, picked.action, changePrompt).catch(
      (error: unknown): InputResult<GenerationRequest> => {
        if (!(error instanceof UserFacingError || error instanceof ImageError)) {
          throw error;
        }
        // An unusable image must not discard what the user has typed and chosen so far.
        const text = error instanceof UserFacingError ? error.message : describeImageError(error);
        void vscode.window.showWarningMessage(text);
        return BACK;
      },
    );
    if (changed === undefined) {
      return undefined;
    }
    // After a change the next Enter generates; after going back the same item is active.
    last = changed === BACK ? picked.action : { kind: 'generate' };
    if (changed !== BACK) {
      request = changed;
      onDidChange?.(withTyped(request), picked.action.kind === 'prompt' ? picked.action.index : undefined);
    }
  }
}

/** A balance that is late is filled in when it comes; until then it is unknown. */
const LATE_BALANCE_MS = 60_000;

/** Finds out what there is to spend. Says so each time that more is known. */
export function askForMoney(services: ExtensionServices, money: KnownMoney, onKnown: () => void): void {
  const patience = setTimeout(() => {
    money.balance ??= 'unknown';
    onKnown();
  }, BALANCE_PATIENCE_MS);
  void fetchBalance(services, LATE_BALANCE_MS).then((balance) => {
    clearTimeout(patience);
    money.balance = balance ?? (typeof money.balance === 'object' ? money.balance : 'unknown');
    onKnown();
  });
  void getLeftToday(services).then((leftToday) => {
    money.leftToday = leftToday;
    onKnown();
  });
}

async function applyAction(
  services: ExtensionServices,
  request: GenerationRequest,
  action: Exclude<Action, { kind: 'generate' }>,
  changePrompt: ChangePrompt,
): Promise<InputResult<GenerationRequest>> {
  switch (action.kind) {
    case 'model':
    case 'otherModel': {
      const model = await pickModel(services, request.model, { back: true });
      if (typeof model !== 'string') {
        return model;
      }
      services.defaults.remember({ model });
      return request.with({ model });
    }
    case 'topUp':
      await openTopUp();
      return BACK;
    case 'style': {
      const { style = '' } = request.promptSource ?? {};
      const prompts = request.prompts.map((prompt) =>
        prompt.endsWith(style) ? prompt.slice(0, prompt.length - style.length).trimEnd() : prompt,
      );
      return request.with({ prompts, promptSource: { ...request.promptSource, style: undefined } });
    }
    case 'raw':
      return request.with({
        prompts: (request.promptSource?.raw ?? request.prompts).map(requirePrompt),
        promptSource: undefined,
      });
    case 'substitute':
      return request.with({ model: action.model, modelNote: { kind: 'replaced', wanted: request.model } });
    case 'aspectRatio': {
      const aspectRatio = await pickAspectRatio(request.aspectRatios[0] ?? request.aspectRatio);
      if (typeof aspectRatio !== 'string') {
        return aspectRatio;
      }
      services.defaults.remember({ aspectRatio });
      return request.with({ aspectRatio, isRatioChosen: true });
    }
    case 'frame': {
      const frames = await pickFirstFrame(services, request.frames);
      return Array.isArray(frames)
        ? request.with({ frames: frames as readonly SelectedFrame[] })
        : (frames as typeof BACK | undefined);
    }
    case 'delivery': {
      const images = request.frames.map(({ image }) => image);
      const frames = await chooseDeliveryForAll(services, images, { ask: true });
      return Array.isArray(frames) ? request.with({ frames }) : frames;
    }
    case 'crop':
      return cropFrames(services, request);
    case 'default': {
      const { model, aspectRatio, scope } = request;
      const kept = await saveAsDefault(services, { model, aspectRatio }, scope);
      return kept === true ? request : kept;
    }
    case 'remarks': {
      const { findRemarks, showRemarks } = await import('./promptRemarks');
      return showRemarks(services, request, findRemarks(services, request), changePrompt);
    }
    case 'compose':
      await ComposerDraft.of(services).fill(request);
      await vscode.commands.executeCommand(`${COMPOSER_VIEW}.focus`);
      return undefined;
    case 'prompt':
      return changePrompt(request, action.index);
    case 'generate':
      return request;
  }
}

/**
 * The lines that are there from the start, each with as many rows as it will ever have. What is known only after a while
 * is filled in here, or is a line of `getLateItems`: a line that moved would be another one under the pointer, and a
 * click that was meant for the model would spend money.
 */
function getItems(services: ExtensionServices, request: GenerationRequest, money: KnownMoney): ConfirmationItem[] {
  const price = services.modelCatalog.priceOf(request.model);
  return [
    { ...getGenerateItem(request, price, money), action: { kind: 'generate' }, price },
    { label: vscode.l10n.t('change'), kind: vscode.QuickPickItemKind.Separator },
    { ...getModelItem(services, request), action: { kind: 'model' } },
    { ...getAspectRatioItem(request), action: { kind: 'aspectRatio' } },
    { ...getFrameItem(request), action: { kind: 'frame' } },
    ...getDeliveryItem(request),
    ...(request.croppableFrames.length > 0
      ? [{ label: `$(layout-centered) ${vscode.l10n.t('Crop or pad…')}`, action: { kind: 'crop' } as const }]
      : []),
    ...request.prompts.map((prompt, index): ConfirmationItem => ({
      ...(request.poster ? { iconPath: request.poster } : {}),
      label:
        request.prompts.length === 1
          ? `${request.poster ? '' : '$(edit) '}${vscode.l10n.t('Prompt: {0}', escapeCodicons(prompt))}`
          : `$(edit) ${vscode.l10n.t('Prompt {0}: {1}', index + 1, escapeCodicons(prompt))}`,
      ...getTitle(request, index),
      action: { kind: 'prompt', index },
    })),
    ...getSourceItems(request),
    ...(isDefault(request)
      ? []
      : [
          {
            label: `$(pinned) ${vscode.l10n.t('Keep model and aspect ratio as default…')}`,
            action: { kind: 'default' } as const,
          },
        ]),
    ...getComposeItem(services, request),
  ];
}

/** The lines that may come while the question is open: the list of the service, the remarks and the balance are awaited. */
function getLateItems(
  services: ExtensionServices,
  request: GenerationRequest,
  money: KnownMoney,
  remarksItem: vscode.QuickPickItem | undefined,
): ConfirmationItem[] {
  return [
    ...getUnlistedItem(services, request),
    ...(remarksItem === undefined ? [] : [{ ...remarksItem, action: { kind: 'remarks' } as const }]),
    ...getTopUpItem(money, request.totalPrice(services.modelCatalog.priceOf(request.model))),
  ];
}

/**
 * Brings late lines up to date without moving one: what is new comes after those that are shown, and what is no longer
 * true goes only where nothing stands below it.
 */
export function keepLateItems<T extends { readonly action?: Action }>(shown: readonly T[], now: readonly T[]): T[] {
  const find = (items: readonly T[], { action }: T) => items.find((item) => isSameAction(item.action, action));
  const added = now.filter((item) => !find(shown, item));
  const kept = shown.map((item) => ({ item: find(now, item) ?? item, isGone: !find(now, item) }));
  while (added.length === 0 && kept.at(-1)?.isGone) {
    kept.pop();
  }
  return [...kept.map(({ item }) => item), ...added];
}

/** The heading of a prompt stands beside it: it tells the prompts apart, and is not sent. */
function getTitle({ promptSource }: GenerationRequest, index: number): { description?: string } {
  const title = promptSource?.titles?.[index];
  return title === undefined ? {} : { description: escapeCodicons(title, 60) };
}

function getSourceItems({ promptSource }: GenerationRequest): ConfirmationItem[] {
  const { style, raw } = promptSource ?? {};
  return [
    ...(style === undefined
      ? []
      : [
          {
            label: `$(symbol-color) ${vscode.l10n.t('Added to each prompt: {0}', escapeCodicons(style))}`,
            description: vscode.l10n.t('choose to leave it out'),
            action: { kind: 'style' } as const,
          },
        ]),
    ...(raw === undefined
      ? []
      : [
          {
            label: `$(code) ${vscode.l10n.t('Headings and marks of the text are not sent')}`,
            description: vscode.l10n.t('choose to send the text exactly as it is selected'),
            action: { kind: 'raw' } as const,
          },
        ]),
  ];
}

function getModelItem(services: ExtensionServices, { model, modelNote }: GenerationRequest): vscode.QuickPickItem {
  const label = `$(device-camera-video) ${vscode.l10n.t('Model: {0}', escapeCodicons(formatModelTitle(model)))}`;
  const price = [
    formatPrice(services.modelCatalog.priceOf(model)),
    ...(isOffered(services, model) ? [] : [vscode.l10n.t('not in the list of the service now')]),
  ].join(' · ');
  switch (modelNote?.kind) {
    case undefined:
      return { label, description: price };
    case 'continued':
      return { label, description: `${price} · ${vscode.l10n.t('as the video that is continued')}` };
    case 'replaced': {
      const wanted = escapeCodicons(formatModelTitle(modelNote.wanted), 60);
      const detail = vscode.l10n.t('{0} is no longer offered by the service. This is the nearest to it.', wanted);
      return { label, description: price, detail: `$(warning) ${detail}` };
    }
    case 'unknown': {
      const detail = vscode.l10n.t('The model of that video is not known. This is the one for new videos.');
      return { label, description: price, detail: `$(warning) ${detail}` };
    }
  }
}

/** The list of the service may come while the question is open, so the model is never changed without the user. */
function getUnlistedItem(services: ExtensionServices, { model }: GenerationRequest): ConfirmationItem[] {
  if (isOffered(services, model)) {
    return [];
  }
  const text = vscode.l10n.t('The service does not list this model now and may refuse it. A refusal costs nothing.');
  const detail = `$(warning) ${text}`;
  const substitute = findSubstitute(services, model);
  return [
    substitute === undefined
      ? { label: `$(arrow-swap) ${vscode.l10n.t('Choose another model…')}`, detail, action: { kind: 'otherModel' } }
      : {
          label: `$(arrow-swap) ${vscode.l10n.t('Take the nearest: {0}', escapeCodicons(formatModelTitle(substitute.id)))}`,
          description: formatPrice(substitute.price),
          detail,
          action: { kind: 'substitute', model: substitute.id },
        },
  ];
}

/** Returns the line with remarks for the request that it is asked about, once they are known. */
function createRemarksItem(
  services: ExtensionServices,
  onKnown: () => void,
): (request: GenerationRequest) => vscode.QuickPickItem | undefined {
  let known: { request: GenerationRequest; item?: vscode.QuickPickItem | undefined } | undefined;
  return (request) => {
    if (known?.request !== request) {
      const now: typeof known = { request };
      known = now;
      void import('./promptRemarks')
        .then(({ findRemarks, getRemarksItem }) => {
          const remarks = known === now ? findRemarks(services, request) : [];
          if (remarks.length > 0) {
            now.item = getRemarksItem(remarks);
            onKnown();
          }
        })
        // Remarks are a help: without them the question is whole.
        .catch((error: unknown) => services.log.warn(`prompt checks: ${String(error)}`));
    }
    return known.item;
  };
}

/** The way into the form, for who has it open: there everything that is chosen here is chosen with its price. */
function getComposeItem(
  { composer }: Pick<ExtensionServices, 'composer'>,
  { prompts, frames }: GenerationRequest,
): ConfirmationItem[] {
  return composer.isVisible && prompts.length === 1 && frames.length <= 1
    ? [{ label: `$(layout-sidebar-left) ${vscode.l10n.t('Edit in “Create”')}`, action: { kind: 'compose' } }]
    : [];
}

function isDefault({ model, aspectRatio, scope }: GenerationRequest): boolean {
  const defaults = readSettings(scope);
  return model === defaults.model && aspectRatio === defaults.aspectRatio;
}

function getGenerateItem(
  request: GenerationRequest,
  price: number | undefined,
  money: KnownMoney,
): vscode.QuickPickItem {
  const count = request.tasks.length;
  const sum = request.totalPrice(price);
  if (sum === undefined || price === undefined) {
    return {
      label: `$(sparkle) ${count === 1 ? vscode.l10n.t('Generate') : vscode.l10n.t('Generate {0} videos', count)}`,
      description: vscode.l10n.t('price unknown'),
      ...getMoneyLine(money, undefined),
    };
  }
  const line = getMoneyLine(money, sum);
  return count === 1
    ? { label: `$(sparkle) ${vscode.l10n.t('Generate – {0}', formatRoubles(sum))}`, ...line }
    : {
        label: `$(sparkle) ${vscode.l10n.t('Generate {0} videos – {1}', count, formatRoubles(sum))}`,
        description: vscode.l10n.t('{0} each', formatRoubles(price)),
        ...line,
      };
}

/** What there is to spend: on the account, and of the daily budget. Also a balance that is awaited has its line. */
export function getMoneyLine({ balance, leftToday }: KnownMoney, sum: number | undefined): { detail: string } {
  const isShort = isShortOf(balance, sum);
  const texts = [
    balance === undefined ? vscode.l10n.t('Balance: …') : getBalanceText(balance, sum),
    ...(leftToday === undefined ? [] : [getLeftText(leftToday)]),
  ];
  return { detail: `${isShort ? '$(warning) ' : ''}${texts.join(' ')}` };
}

/** What is left of the daily budget. */
export function getLeftText({ roubles, isAtMost }: LeftToday): string {
  return isAtMost
    ? vscode.l10n.t('Left of the daily budget: {0} at most.', formatRoubles(roubles))
    : vscode.l10n.t('Left of the daily budget: {0}.', formatRoubles(roubles));
}

function isShortOf(balance: KnownBalance, sum: number | undefined): boolean {
  return typeof balance === 'object' && sum !== undefined && getShortageMessage(balance, sum) !== undefined;
}

/** The way to more money, where the balance does not suffice. */
function getTopUpItem({ balance }: KnownMoney, sum: number | undefined): ConfirmationItem[] {
  return isShortOf(balance, sum)
    ? [
        {
          label: `$(link-external) ${vscode.l10n.t('Top up the balance…')}`,
          description: vscode.l10n.t('opens the site of the service; what you have chosen stays'),
          action: { kind: 'topUp' },
        },
      ]
    : [];
}

function getAspectRatioItem(request: GenerationRequest): vscode.QuickPickItem {
  const label = `$(screen-full) ${vscode.l10n.t('Aspect ratio: {0}', request.aspectRatios.join(', '))}`;
  if (request.isRatioChosen || !request.frames.some(({ image }) => image.file)) {
    return { label };
  }
  return {
    label,
    description:
      request.frames.length === 1 ? vscode.l10n.t('nearest to the image') : vscode.l10n.t('nearest to each image'),
  };
}

function getFrameItem(request: GenerationRequest): vscode.QuickPickItem {
  const text = vscode.l10n.t('First frame: {0}', formatFrames(request.frames));
  const [frame, ...more] = request.frames;
  if (!frame) {
    return { label: `$(file-media) ${text}` };
  }
  const detail = getMismatchMessage(request);
  return {
    label: text,
    iconPath: getImageIcon(frame.image),
    ...(more.length === 0 && frame.image.file ? { description: formatPixels(frame.image.file.facts) } : {}),
    ...(detail === undefined ? {} : { detail: `$(warning) ${detail}` }),
  };
}

/** How image files get to the service. A bare link has one way only. */
function getDeliveryItem({ frames }: GenerationRequest): ConfirmationItem[] {
  const ways = [...new Set(frames.filter(({ image }) => isImageFile(image)).map(getDeliveryTitle))];
  return ways.length === 0
    ? []
    : [
        {
          label: `$(cloud-upload) ${vscode.l10n.t('The image is sent {0}', ways.join(', '))}`,
          action: { kind: 'delivery' },
        },
      ];
}

/** The hash of each image file when its icon was first shown. */
const shownFiles = new Map<string, string | undefined>();

/** The image itself if VS Code can show it without a request to the network. */
function getImageIcon({ thumbnail, file, source }: SourceImage): vscode.Uri | vscode.ThemeIcon {
  const uri =
    thumbnail ?? (file && source.startsWith('file:') && isUnchangedSinceShown(source, file.hash) ? source : undefined);
  return uri === undefined ? new vscode.ThemeIcon('file-media') : vscode.Uri.parse(uri);
}

/** Seen in VS Code: a window caches the icon of a file forever, even when the file has changed. */
function isUnchangedSinceShown(source: string, hash: string | undefined): boolean {
  if (!shownFiles.has(source)) {
    shownFiles.set(source, hash);
  }
  return shownFiles.get(source) === hash;
}

/** What may surprise about the first frame; `undefined` when nothing does. */
export function getMismatchMessage(request: GenerationRequest): string | undefined {
  if (request.frames.some(({ image }) => image.hasChanged)) {
    return vscode.l10n.t('The file has changed since: the video begins with what it is now');
  }
  const [first, ...more] = request.mismatchedFrames;
  if (!first?.image.file) {
    return undefined;
  }
  return more.length === 0
    ? vscode.l10n.t('Not {0}: the service may cut the image, or keep its shape', request.aspectRatioFor(first))
    : vscode.l10n.t('Of another shape than their video: {0}. The service may cut them', more.length + 1);
}

function formatFrames(frames: readonly SelectedFrame[]): string {
  const [first, ...more] = frames;
  if (!first) {
    return vscode.l10n.t('none');
  }
  const label = escapeCodicons(first.image.label, 60);
  return more.length === 0 ? label : vscode.l10n.t('{0} and more: {1}', label, more.length);
}

function isSameAction(a: Action | undefined, b: Action | undefined): boolean {
  return a?.kind === b?.kind && (a?.kind !== 'prompt' || b?.kind !== 'prompt' || a.index === b.index);
}
