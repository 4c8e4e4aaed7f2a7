import * as vscode from 'vscode';
import { escapeCodicons, stripControlChars } from '../common/text';
import type { ExtensionServices } from '../container';
import type { DeliveryId } from '../images/delivery/deliver';
import { formatRoubles } from '../messages/format';
import { describeOrder, describeStep } from '../messages/storyboardProblems';
import type { PlanStep } from '../storyboard/plan';
import { findContradictions } from '../tasks/model/promptFlags';
import { showPick } from '../ui/quickInput';
import { askForMoney, getMoneyLine, type KnownMoney } from './confirmGeneration';
import { openTopUp, getShortageMessage } from './confirmBudget';
import { getSum } from './generationRequest';
import { getWayTitle } from './delivery/deliveryPicker';
import type { ShotOrder, StoryboardOrders } from './storyboardOrders';

type Action = { kind: 'generate' | 'topUp' | 'delivery' | 'none' } | { kind: 'text'; order: ShotOrder };

interface Item extends vscode.QuickPickItem {
  action?: Action;
}

/**
 * Asks once for everything that a run will send: each shot with its model, length and price, what it waits for, and the
 * sum beside balance and daily budget. Nothing is sent before Enter.
 *
 * @param delivery how last frames, and images that are files, get to the service
 * @returns `delivery` when the user wants another way for images; `undefined` when the user gave up
 */
export async function confirmStoryboard(
  services: ExtensionServices,
  read: StoryboardOrders,
  delivery: DeliveryId | undefined,
): Promise<'generate' | 'delivery' | undefined> {
  const money: KnownMoney = { balance: undefined };
  let redraw: (() => void) | undefined;
  askForMoney(services, money, () => redraw?.());
  for (let active: string | undefined; ;) {
    const items = getItems(read, delivery, money);
    const picked = await showPick({
      title: 'Seedance',
      placeholder: vscode.l10n.t('Enter generates. Choose a shot to read what is sent with it.'),
      items,
      active: items.find(({ label }) => label === active) ?? items[0],
      matchOnDescription: true,
      // What was typed in between must not end the question: it shows what is paid for.
      ignoreFocusOut: true,
      onDidShow: (list) => {
        redraw = () => {
          const next = getItems(read, delivery, money);
          if (JSON.stringify(next) !== JSON.stringify(list.items)) {
            const at = list.items.indexOf(list.activeItems[0]!);
            list.items = next;
            list.activeItems = next.slice(at, at + 1);
          }
        };
        return new vscode.Disposable(() => (redraw = undefined));
      },
    });
    if (typeof picked !== 'object') {
      return undefined;
    }
    active = picked.label;
    switch (picked.action?.kind) {
      case 'generate':
      case 'delivery':
        return picked.action.kind;
      case 'topUp':
        await openTopUp();
        break;
      case 'text':
        await showText(picked.action.order);
        break;
      default:
    }
  }
}

/** What comes while the question is open fills a line that is there, or is appended: no line moves. */
function getItems(read: StoryboardOrders, delivery: DeliveryId | undefined, money: KnownMoney): Item[] {
  const { orders, plan } = read;
  const sum = getSum(orders);
  const { unusable } = read;
  const others = plan.steps.filter(({ state }) => state.kind === 'stuck' || state.kind === 'underway');
  const isShort =
    typeof money.balance === 'object' && sum !== undefined && getShortageMessage(money.balance, sum) !== undefined;
  return [
    {
      label: `$(sparkle) ${getTitle(orders.length, sum)}`,
      ...(sum === undefined ? { description: vscode.l10n.t('price unknown') } : {}),
      ...getMoneyLine(money, sum),
      action: { kind: 'generate' },
    },
    { label: vscode.l10n.t('shots'), kind: vscode.QuickPickItemKind.Separator },
    ...orders.map(getShotItem),
    ...(delivery === undefined
      ? []
      : [
          {
            label: `$(cloud-upload) ${vscode.l10n.t('The images are sent {0}', getWayTitle(delivery))}`,
            action: { kind: 'delivery' } as const,
          },
        ]),
    ...(others.length + unusable.length === 0
      ? []
      : [
          { label: vscode.l10n.t('not part of this'), kind: vscode.QuickPickItemKind.Separator },
          ...unusable.map(({ shot, why }): Item => ({
            label: `$(warning) ${getName(shot.identity)}`,
            description: escapeCodicons(why),
            action: { kind: 'none' },
          })),
          ...others.map((step) => getOtherItem(step, plan.steps)),
        ]),
    ...(isShort
      ? [
          {
            label: `$(link-external) ${vscode.l10n.t('Top up the balance…')}`,
            description: vscode.l10n.t('opens the site of the service; what you have chosen stays'),
            action: { kind: 'topUp' } as const,
          },
        ]
      : []),
  ];
}

function getTitle(count: number, sum: number | undefined): string {
  if (sum === undefined) {
    return count === 1 ? vscode.l10n.t('Generate') : vscode.l10n.t('Generate {0} videos', count);
  }
  return count === 1
    ? vscode.l10n.t('Generate – {0}', formatRoubles(sum))
    : vscode.l10n.t('Generate {0} videos – {1}', count, formatRoubles(sum));
}

function getShotItem(order: ShotOrder): Item {
  const { shot, source, isWaiting, price, image } = order;
  const label = source && escapeCodicons(source.identity.label, 60);
  const wait =
    label === undefined
      ? undefined
      : isWaiting
        ? vscode.l10n.t('begins with the last frame of {0}, and waits for it', label)
        : vscode.l10n.t('begins with the last frame of {0}', label);
  const flags = findContradictions(shot.prompt, { model: shot.model, aspectRatio: shot.ratio });
  const warning =
    flags.length > 0 &&
    `$(warning) ${vscode.l10n.t('“{0}” in the prompt says something else than model or ratio', escapeCodicons(flags[0]!.text, 40))}`;
  const begins = wait ?? (image && vscode.l10n.t('begins with {0}', escapeCodicons(image.label, 60)));
  return {
    label: `${isWaiting ? '$(watch)' : '$(play)'} ${getName(shot.identity)}`,
    description: describeOrder(shot.model, shot.ratio, price),
    detail: [warning, begins, escapeCodicons(shot.prompt)].filter(Boolean).join(' · '),
    action: { kind: 'text', order },
  };
}

/** A shot that is missing and is not sent, with why. */
function getOtherItem(step: PlanStep, steps: readonly PlanStep[]): Item {
  return {
    label: `${step.state.kind === 'stuck' ? '$(warning)' : '$(sync)'} ${getName(step.shot.identity)}`,
    description: escapeCodicons(describeStep(step, steps)),
    action: { kind: 'none' },
  };
}

function getName({ label, title }: { label: string; title: string }): string {
  return escapeCodicons(title === '' ? label : `${label}: ${title}`, 80);
}

/** The whole text that is sent, which a line of the list has no room for. */
async function showText({ shot, price }: ShotOrder): Promise<void> {
  await vscode.window.showInformationMessage(getName(shot.identity), {
    modal: true,
    detail: `${stripControlChars(shot.prompt)}\n\n${describeOrder(shot.model, shot.ratio, price)}`,
  });
}
