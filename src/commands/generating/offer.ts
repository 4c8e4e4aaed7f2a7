import * as vscode from 'vscode';
import type { FrameImage } from '../../frames/delivery';
import { FrameError } from '../../frames/errors';
import type { Balance } from '../../gateway/client';
import { formatPixels, formatRoubles } from '../../platform/format';
import { inLabel } from '../../platform/foreignText';
import { modelTitle, priceText } from '../../platform/modelText';
import { readSettings } from '../../platform/settings';
import { checkPrompt } from '../../tasks/prompt';
import type { Rooms } from '../rooms';
import { BACK, pick, type Answer } from '../steps';
import { Told } from '../tellError';
import { pickAspectRatio } from './aspectRatioPick';
import { balanceNow, shortageText } from './balance';
import { keepAsDefault } from './defaults';
import { pickModel } from './modelPick';
import {
  aspectRatioFor,
  aspectRatiosOf,
  croppable,
  misfits,
  sumOf,
  tasksOfPlan,
  type ChosenFrame,
  type Plan,
} from './plan';
import { askPrompt } from './promptStep';

/** What was accepted, with the price of each of its tasks as it was shown. */
export interface Accepted {
  plan: Plan;
  price: number | undefined;
}

/** What an item of the question does. */
type Action =
  { does: 'generate' | 'model' | 'aspectRatio' | 'frame' | 'crop' | 'default' } | { does: 'prompt'; index: number };

interface OfferItem extends vscode.QuickPickItem {
  action?: Action;
  price?: number | undefined;
}

/**
 * The one question before money is spent: what will be made and what it costs. Enter accepts; every part can
 * be changed from here and leads back here.
 *
 * @returns what was accepted; `undefined` when the person gave up
 */
export async function offer(rooms: Rooms, proposed: Plan): Promise<Accepted | undefined> {
  let plan = proposed;
  let last: Action = { does: 'generate' };
  let balance: Balance | undefined;
  let redraw: (() => void) | undefined;
  // Price and balance are shown as soon as they are known, and corrected while the question is open.
  void rooms.catalogue.refresh();
  void balanceNow(rooms).then((known) => {
    balance = known;
    redraw?.();
  });
  for (;;) {
    const items = itemsOf(rooms, plan, balance);
    const picked = await pick({
      title: 'Seedance',
      placeholder: vscode.l10n.t('Enter generates. Choose another line to change it.'),
      items,
      stays: true,
      active: items.find(({ action }) => sameAction(action, last)) ?? items[0],
      opened: (list) => {
        redraw = () => {
          const next = itemsOf(rooms, plan, balance);
          if (JSON.stringify(next) === JSON.stringify(list.items)) {
            return;
          }
          const active = list.activeItems[0]?.action;
          list.items = next;
          list.activeItems = list.items.filter(({ action }) => sameAction(action, active));
        };
        const changed = rooms.catalogue.onDidChange(redraw);
        return new vscode.Disposable(() => {
          redraw = undefined;
          changed.dispose();
        });
      },
    });
    if (picked === undefined || picked === BACK || picked.action === undefined) {
      return undefined;
    }
    if (picked.action.does === 'generate') {
      return { plan, price: picked.price };
    }
    const changed = await change(rooms, plan, picked.action).catch(async (error: unknown): Promise<Answer<Plan>> => {
      if (!(error instanceof Told || error instanceof FrameError)) {
        throw error;
      }
      // An image that does not fit: what was typed and chosen so far is not lost for it.
      const text =
        error instanceof Told ? error.message : (await import('../../platform/frameText')).explainFrameError(error);
      void vscode.window.showWarningMessage(text);
      return BACK;
    });
    if (changed === undefined) {
      return undefined;
    }
    // After a change the next Enter generates; after going back it is where it was.
    last = changed === BACK ? picked.action : { does: 'generate' };
    plan = changed === BACK ? plan : changed;
  }
}

async function change(rooms: Rooms, plan: Plan, action: Exclude<Action, { does: 'generate' }>): Promise<Answer<Plan>> {
  switch (action.does) {
    case 'model': {
      const model = await pickModel(rooms, plan.model, { back: true });
      return typeof model === 'string' ? { ...plan, model } : model;
    }
    case 'aspectRatio': {
      const aspectRatio = await pickAspectRatio(aspectRatiosOf(plan)[0] ?? plan.aspectRatio);
      return typeof aspectRatio === 'string' ? { ...plan, aspectRatio, isRatioChosen: true } : aspectRatio;
    }
    case 'frame': {
      const { pickFrame } = await import('./framePick');
      const frames = await pickFrame(rooms, plan.frames);
      return Array.isArray(frames)
        ? { ...plan, frames: frames as readonly ChosenFrame[] }
        : (frames as typeof BACK | undefined);
    }
    case 'crop': {
      const { cropFrames } = await import('./cropFrames');
      return cropFrames(rooms, plan);
    }
    case 'default': {
      const { model, aspectRatio, scope } = plan;
      const kept = await keepAsDefault({ model, aspectRatio }, scope);
      return kept === true ? plan : kept;
    }
    case 'prompt': {
      const value = plan.prompts[action.index] ?? '';
      const prompt = await askPrompt({ title: vscode.l10n.t('Prompt'), value, back: true });
      if (typeof prompt !== 'string') {
        return prompt;
      }
      const check = checkPrompt(prompt);
      return check.ok ? { ...plan, prompts: plan.prompts.with(action.index, check.prompt) } : BACK;
    }
    case 'generate':
      return plan;
  }
}

function itemsOf(rooms: Rooms, plan: Plan, balance: Balance | undefined): OfferItem[] {
  const price = rooms.catalogue.priceOf(plan.model);
  return [
    { ...generateItem(plan, price, balance), action: { does: 'generate' }, price },
    { label: vscode.l10n.t('change'), kind: vscode.QuickPickItemKind.Separator },
    {
      label: `$(device-camera-video) ${vscode.l10n.t('Model: {0}', inLabel(modelTitle(plan.model)))}`,
      description: priceText(price),
      action: { does: 'model' },
    },
    { ...aspectRatioItem(plan), action: { does: 'aspectRatio' } },
    { ...frameItem(plan), action: { does: 'frame' } },
    ...(croppable(plan).length > 0
      ? [{ label: `$(layout-centered) ${vscode.l10n.t('Crop or pad…')}`, action: { does: 'crop' } as const }]
      : []),
    ...plan.prompts.map((prompt, index): OfferItem => ({
      label:
        plan.prompts.length === 1
          ? `$(edit) ${vscode.l10n.t('Prompt: {0}', inLabel(prompt))}`
          : `$(edit) ${vscode.l10n.t('Prompt {0}: {1}', index + 1, inLabel(prompt))}`,
      action: { does: 'prompt', index },
    })),
    ...(isUsual(plan)
      ? []
      : [
          {
            label: `$(pinned) ${vscode.l10n.t('Keep model and aspect ratio as default…')}`,
            action: { does: 'default' } as const,
          },
        ]),
  ];
}

function isUsual({ model, aspectRatio, scope }: Plan): boolean {
  const usual = readSettings(scope);
  return model === usual.model && aspectRatio === usual.aspectRatio;
}

function generateItem(plan: Plan, price: number | undefined, balance: Balance | undefined): vscode.QuickPickItem {
  const count = tasksOfPlan(plan).length;
  const sum = sumOf(plan, price);
  if (sum === undefined || price === undefined) {
    return {
      label: `$(sparkle) ${count === 1 ? vscode.l10n.t('Generate') : vscode.l10n.t('Generate {0} videos', count)}`,
      description: vscode.l10n.t('price unknown'),
    };
  }
  const shortage = balance && shortageText(balance, sum);
  const warning = shortage === undefined ? {} : { detail: `$(warning) ${shortage}` };
  return count === 1
    ? { label: `$(sparkle) ${vscode.l10n.t('Generate – {0}', formatRoubles(sum))}`, ...warning }
    : {
        label: `$(sparkle) ${vscode.l10n.t('Generate {0} videos – {1}', count, formatRoubles(sum))}`,
        description: vscode.l10n.t('{0} each', formatRoubles(price)),
        ...warning,
      };
}

function aspectRatioItem(plan: Plan): vscode.QuickPickItem {
  const label = `$(screen-full) ${vscode.l10n.t('Aspect ratio: {0}', aspectRatiosOf(plan).join(', '))}`;
  if (plan.isRatioChosen === true || !plan.frames.some(({ image }) => image.file)) {
    return { label };
  }
  return {
    label,
    description:
      plan.frames.length === 1 ? vscode.l10n.t('nearest to the image') : vscode.l10n.t('nearest to each image'),
  };
}

function frameItem(plan: Plan): vscode.QuickPickItem {
  const text = vscode.l10n.t('First frame: {0}', frameText(plan.frames));
  const [frame, ...more] = plan.frames;
  if (!frame) {
    return { label: `$(file-media) ${text}` };
  }
  const detail = misfitText(plan);
  return {
    label: text,
    iconPath: pictureOf(frame.image),
    ...(more.length === 0 && frame.image.file ? { description: formatPixels(frame.image.file.facts) } : {}),
    ...(detail === undefined ? {} : { detail: `$(warning) ${detail}` }),
  };
}

/** The hash of each image file when its picture was first shown. */
const shownFiles = new Map<string, string | undefined>();

/** The image itself where VS Code can show it; a link is not opened for that. */
function pictureOf({ thumbnail, file, source }: FrameImage): vscode.Uri | vscode.ThemeIcon {
  const uri = thumbnail ?? (file && source.startsWith('file:') && isAsShown(source, file.hash) ? source : undefined);
  return uri === undefined ? new vscode.ThemeIcon('file-media') : vscode.Uri.parse(uri);
}

/** Seen in VS Code: a window that has shown the picture of a file shows the same one for ever, whatever is in it by then. */
function isAsShown(source: string, hash: string | undefined): boolean {
  if (!shownFiles.has(source)) {
    shownFiles.set(source, hash);
  }
  return shownFiles.get(source) === hash;
}

function misfitText(plan: Plan): string | undefined {
  if (plan.frames.some(({ image }) => image.hasChanged)) {
    return vscode.l10n.t('The file has changed since: the video begins with what it is now');
  }
  const [first, ...more] = misfits(plan);
  if (!first?.image.file) {
    return undefined;
  }
  return more.length === 0
    ? vscode.l10n.t('Not {0}: the service may cut the image, or keep its shape', aspectRatioFor(plan, first))
    : vscode.l10n.t('Of another shape than their video: {0}. The service may cut them', more.length + 1);
}

function frameText(frames: readonly ChosenFrame[]): string {
  const [first, ...more] = frames;
  if (!first) {
    return vscode.l10n.t('none');
  }
  const label = inLabel(first.image.label, 60);
  return more.length === 0 ? label : vscode.l10n.t('{0} and more: {1}', label, more.length);
}

function sameAction(a: Action | undefined, b: Action | undefined): boolean {
  return a?.does === b?.does && (a?.does !== 'prompt' || b?.does !== 'prompt' || a.index === b.index);
}
