import * as vscode from 'vscode';
import { formatRoubles } from '../../platform/format';
import { inMessage } from '../../platform/foreignText';
import { modelTitle, priceText } from '../../platform/modelText';
import { readSettings } from '../../platform/settings';
import type { BudgetCheck } from '../../tasks/budget';
import type { Rooms } from '../rooms';
import { confirm } from '../steps';
import { aspectRatiosOf, sumOf, tasksOfPlan, type Plan } from './plan';

/**
 * The last word before a generation goes past the daily budget, whoever asked for it. A dialog, so that no
 * key that was meant for something else answers it.
 *
 * @param price of each of its tasks, as it was shown
 * @returns whether to go on, and whether the person was asked
 */
export async function askBudget(
  rooms: Rooms,
  plan: Plan,
  price: number | undefined,
): Promise<{ goOn: boolean; asked: boolean }> {
  const budget = readSettings().dailyBudget;
  if (budget <= 0) {
    return { goOn: true, asked: false };
  }
  await rooms.store.load();
  // What other windows have sent a moment ago counts too.
  await rooms.store.rescan();
  const { checkBudget } = await import('../../tasks/budget');
  const check = checkBudget([...rooms.store.list(), ...rooms.store.removed()], sumOf(plan, price), budget, rooms.now());
  if (!check) {
    return { goOn: true, asked: false };
  }
  const generate =
    price === undefined
      ? vscode.l10n.t('Generate all the same')
      : vscode.l10n.t('Generate – {0}', formatRoubles(sumOf(plan, price) ?? 0));
  const question =
    check.past === undefined
      ? vscode.l10n.t('The daily budget is {0}, and the price of this is unknown.', formatRoubles(budget))
      : vscode.l10n.t('This goes past the daily budget of {0}.', formatRoubles(budget));
  return { goOn: await confirm(question, detailOf(check, plan, price), generate), asked: true };
}

function detailOf({ today, past }: BudgetCheck, plan: Plan, price: number | undefined): string {
  const count = tasksOfPlan(plan).length;
  const sum = sumOf(plan, price);
  const spent = vscode.l10n.t('Today so far: {0}.', formatRoubles(today.roubles));
  return [
    `${inMessage(modelTitle(plan.model))} · ${aspectRatiosOf(plan).join(', ')} · ${count === 1 ? priceText(price) : `${count} × ${priceText(price)}`}`,
    inMessage(plan.prompts[0] ?? '', 300),
    '',
    today.unpriced === 0 ? spent : `${spent} ${vscode.l10n.t('Tasks of unknown price besides: {0}.', today.unpriced)}`,
    past === undefined || sum === undefined
      ? vscode.l10n.t('What has no known price cannot be held against the budget.')
      : vscode.l10n.t(
          'With this: {0}, which is {1} more than the budget.',
          formatRoubles(today.roubles + sum),
          formatRoubles(past),
        ),
    vscode.l10n.t('The budget is the setting seedance.dailyBudget.'),
  ].join('\n');
}
