import * as vscode from 'vscode';
import { Commands } from '../../constants';
import { formatRoubles, formatModelTitle } from '../../messages/format';
import { toSingleLine } from '../../common/text';
import type { ChargeableTask } from '../../tasks/model/taskRecord';
import type { Limit } from '../../tasks/spending/limit';
import {
  CHARGES,
  getSpending,
  type Charge,
  type PeriodSpending,
  type Spending,
  type Sum,
} from '../../tasks/spending/spending';
import { escapeHtml as text } from '../webviewHtml';

/** What the page shows. */
export interface SpendingFacts {
  /** All tasks that may have cost something, also removed ones. */
  records: readonly ChargeableTask[];
  /** Milliseconds since the epoch. */
  now: number;
  /** Roubles a day; 0 for no budget. */
  budget: Limit;
}

/** Creates the body of the page: the sums of three periods, by outcome and by model. It needs no script. */
export function createSpendingHtml({ records, now, budget }: SpendingFacts): string {
  const periods = getSpending(records, now);
  const [today] = periods;
  const month = periods.at(-1);
  if (!today || !month || month.total.tasks === 0) {
    return main(
      `<p class="empty">${text(vscode.l10n.t('Nothing was spent in the last 30 days.'))}</p>${remarks()}${actions()}`,
    );
  }
  return main(
    [
      `<ul class="cards">${periods.map((period) => card(period, budget)).join('')}</ul>`,
      table(vscode.l10n.t('What came of it'), vscode.l10n.t('Outcome'), periods, createOutcomeRows(periods)),
      table(vscode.l10n.t('By model'), vscode.l10n.t('Model'), periods, createModelRows(periods)),
      remarks(),
      actions(),
    ].join(''),
  );
}

function main(content: string): string {
  return `<main><h1>${text(vscode.l10n.t('Spending'))}</h1>${content}</main>`;
}

function card({ days, total }: PeriodSpending, limit: Limit): string {
  const isUnreadable = days === 1 && limit === 'unreadable';
  const budget = limit === 'unreadable' ? 0 : limit;
  const isToday = days === 1 && budget > 0;
  const isPast = isToday && total.roubles > budget;
  const ofBudget = isToday
    ? `<meter min="0" max="${budget}" value="${Math.min(total.roubles, budget)}" high="${budget * 0.8}" aria-hidden="true"></meter>` +
      `<span class="detail${isPast ? ' past' : ''}">${text(
        isPast
          ? vscode.l10n.t(
              '{0} past the daily budget of {1}',
              formatRoubles(total.roubles - budget),
              formatRoubles(budget),
            )
          : vscode.l10n.t('of a daily budget of {0}', formatRoubles(budget)),
      )}</span>`
    : isUnreadable
      ? `<span class="detail past">${text(vscode.l10n.t('The daily budget cannot be read.'))}</span>`
      : '';
  return (
    `<li><span class="period">${text(getPeriodTitle(days))}</span><strong>${text(formatRoubles(total.roubles))}</strong>` +
    `<span class="detail">${text(formatCount(total))}</span>${ofBudget}</li>`
  );
}

interface Row {
  head: string;
  className?: string;
  cells: { main: string; detail?: string }[];
}

function table(caption: string, first: string, periods: readonly PeriodSpending[], rows: readonly Row[]): string {
  const heads = periods.map(({ days }) => `<th scope="col">${text(getPeriodTitle(days))}</th>`).join('');
  const body = rows.map(
    ({ head, className, cells }) =>
      `<tr${className === undefined ? '' : ` class="${className}"`}><th scope="row">${text(head)}</th>${cells
        .map(
          (cell) =>
            `<td>${text(cell.main)}${cell.detail === undefined ? '' : `<span class="detail">${text(cell.detail)}</span>`}</td>`,
        )
        .join('')}</tr>`,
  );
  return (
    `<table><caption>${text(caption)}</caption><thead><tr><th scope="col">${text(first)}</th>${heads}</tr></thead>` +
    `<tbody>${body.join('')}</tbody></table>`
  );
}

function createOutcomeRows(periods: readonly PeriodSpending[]): Row[] {
  return CHARGES.filter((charge) => periods.some((period) => period[charge].tasks > 0)).map((charge) => ({
    head: getChargeTitle(charge),
    className: charge,
    cells: periods.map((period) => createCell(period[charge])),
  }));
}

/** Creates one row per model, in the order of the longest period. */
function createModelRows(periods: readonly PeriodSpending[]): Row[] {
  return (periods.at(-1)?.models ?? []).map(({ model }) => ({
    head: model === '' ? vscode.l10n.t('Unknown model') : toSingleLine(formatModelTitle(model), 80),
    cells: periods.map(({ models }) => {
      const found = models.find((other) => other.model === model);
      return found ? createModelCell(found) : { main: '–' };
    }),
  }));
}

function createCell(sum: Sum): Row['cells'][number] {
  return sum.tasks === 0 ? { main: '–' } : { main: formatRoubles(sum.roubles), detail: formatCount(sum) };
}

/** Lists each outcome separately, because it is not known whether failed tasks were charged. */
function createModelCell(sums: Spending): Row['cells'][number] {
  const parts = CHARGES.filter((charge) => sums[charge].tasks > 0).map((charge) =>
    vscode.l10n.t('{0}: {1} · {2}', getChargeTitle(charge), sums[charge].tasks, formatRoubles(sums[charge].roubles)),
  );
  return { main: formatRoubles(sums.total.roubles), detail: parts.join('\n') };
}

function formatCount({ tasks, unpriced }: Sum): string {
  return unpriced === 0
    ? vscode.l10n.t('Tasks: {0}', tasks)
    : [vscode.l10n.t('Tasks: {0}', tasks), vscode.l10n.t('of unknown price: {0}', unpriced)].join('\n');
}

function getPeriodTitle(days: number): string {
  return days === 1 ? vscode.l10n.t('Today') : vscode.l10n.t('{0} days', days);
}

function getChargeTitle(charge: Charge): string {
  switch (charge) {
    case 'done':
      return vscode.l10n.t('Done');
    case 'underway':
      return vscode.l10n.t('On their way');
    case 'failed':
      return vscode.l10n.t('Failed');
    case 'possible':
      return vscode.l10n.t('Without an answer');
  }
}

function remarks(): string {
  return `<p class="remark">${text(
    vscode.l10n.t(
      'These are the prices that the service listed when the videos were sent, or told with the result. It is no bill: the service publishes no rule for what a failed task costs. Counted are the tasks of this computer; your balance has the last word.',
    ),
  )}</p>`;
}

function actions(): string {
  const link = (command: string, label: string) => `<a href="command:${command}">${text(label)}</a>`;
  return `<nav>${[
    link(Commands.exportSpending, vscode.l10n.t('Export as CSV…')),
    link(Commands.showBalance, vscode.l10n.t('Show balance')),
    link(
      `workbench.action.openSettings?${encodeURIComponent('"seedance.dailyBudget"')}`,
      vscode.l10n.t('Daily budget…'),
    ),
  ].join('')}</nav>`;
}
