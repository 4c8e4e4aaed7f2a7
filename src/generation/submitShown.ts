import * as vscode from 'vscode';
import type { Quote } from '../api/modelCatalog';
import { escapeForNotification } from '../common/text';
import type { ExtensionServices } from '../container';
import { formatModelTitle, formatPrice, formatRoubles } from '../messages/format';
import { readSettings } from '../platform/settings';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { BudgetCheck } from '../tasks/spending/budget';
import { confirm } from '../ui/quickInput';
import { confirmBudget, fetchBalance, getBalanceText, getPriceDoubt, getUnreadableMessage } from './confirmBudget';
import { confirmFlags } from './confirmFlags';
import { needsConfirmation, type GenerationRequest } from './generationRequest';
import { submit } from './submitGeneration';

/** What has become of a request. */
export interface Outcome {
  /** With what the user changed in a question about it. */
  request: GenerationRequest;
  /** Absent when the user gave up, and nothing was ordered. */
  records?: TaskRecord[] | undefined;
}

export interface ShownOptions {
  /**
   * Of each video, in roubles, as the user has seen it beside the button that was pressed, `undefined` in it when it was
   * shown as unknown. Without it nobody has seen a price.
   */
  shown?: { price: number | undefined };
}

/**
 * Submits a request without the list that shows everything before it is paid for: a program has passed `ask: false`, or
 * a form shows the price. Asks about what was not agreed to in the settings, and about a price that has changed. One after
 * the other until it is ordered, so that a question tells what all those before have spent.
 */
export async function confirmUnattendedAndSubmit(
  services: ExtensionServices,
  given: GenerationRequest,
  { shown }: ShownOptions = {},
): Promise<Outcome> {
  const { request, submitted } = await services.submission.unattended.next(async () => {
    const settled = await confirmFlags(services, given);
    if (settled === undefined) {
      return { request: given };
    }
    const { request } = settled;
    if (shown && settled.isOther) {
      // The form shows what the other model costs, before that is paid for.
      return { request };
    }
    const quote = await services.modelCatalog.quote(request.model);
    const { goOn, agreed } = await confirmUnattended(services, request, quote, shown);
    if (!goOn) {
      return { request };
    }
    return new Promise<{ request: GenerationRequest; submitted?: Promise<TaskRecord[] | undefined> }>((resolve) => {
      const onReserved = () => resolve({ request, submitted });
      const submitted = submit(services, request, quote.price, { agreed, account: quote.account, onReserved });
      // In an object, since a promise would be waited for: nobody has to wait until others are sent.
      submitted.then(onReserved, onReserved);
    });
  });
  return { request, records: await submitted };
}

/**
 * Above `confirmAbove` the user confirms it all the same, and wherever the price is not certain. In a dialog and not in
 * a quick pick, because the user did not start this, or looks at a form.
 */
async function confirmUnattended(
  services: ExtensionServices,
  request: GenerationRequest,
  quote: Quote,
  shown: ShownOptions['shown'],
): Promise<{ goOn: boolean; agreed?: BudgetCheck }> {
  const { price } = quote;
  const doubt = getPriceDoubt(quote);
  const change = shown && getChange(shown.price, price);
  const budget = await confirmBudget(services, [{ request, price }]);
  const { confirmAbove } = readSettings();
  const sum = request.totalPrice(price);
  const isCertain = doubt === undefined && change === undefined;
  // The dialog about the budget names the price too: the user confirms once.
  if (budget.agreed || (isCertain && !needsConfirmation(sum, confirmAbove))) {
    return budget;
  }
  const balance = await fetchBalance(services);
  const count = request.tasks.length;
  const detail = [
    `${escapeForNotification(formatModelTitle(request.model))} · ${request.aspectRatios.join(', ')}`,
    escapeForNotification(request.prompts[0] ?? '', 500),
    ...(change === undefined ? [] : [change]),
    ...(doubt === undefined ? [] : [doubt]),
    ...(confirmAbove === 'unreadable' ? [getUnreadableMessage('seedance.confirmAbove')] : []),
    getBalanceText(balance ?? 'unknown', sum),
  ];
  return count === 1
    ? {
        goOn: await confirm(
          vscode.l10n.t('Generate a video?'),
          detail.join('\n\n'),
          vscode.l10n.t('Generate – {0}', formatPrice(sum)),
        ),
      }
    : {
        goOn: await confirm(
          vscode.l10n.t('Generate {0} videos?', count),
          detail.join('\n\n'),
          sum === undefined
            ? vscode.l10n.t('Generate {0} videos', count)
            : vscode.l10n.t('Generate {0} videos – {1}', count, formatRoubles(sum)),
        ),
      };
}

/** What has become of the price since it was shown; `undefined` when it is the same. A price of 0 is shown as unknown. */
function getChange(shown: number | undefined, price: number | undefined): string | undefined {
  const now = price === 0 ? undefined : price;
  return shown === now
    ? undefined
    : vscode.l10n.t(
        'The price of one video has changed: it was {0}, and is {1} now.',
        formatPrice(shown),
        formatPrice(now),
      );
}
