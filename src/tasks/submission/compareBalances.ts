import type { ApiClient, CallOptions } from '../../api/apiClient';
import { getKeyFingerprint } from '../../common/keyFingerprint';
import type { Clock } from '../../common/clock';
import { isUnfinished, type ChargeableTask, type TaskRecord } from '../model/taskRecord';
import { withBalanceAfter } from '../model/transitions';
import type { TaskStore } from '../storage/taskStore';

/** Assumed: what became of an order whose answer was lost shows on the account within this time. */
const UNKNOWN_MAY_BE_CHARGED_FOR_MS = 60 * 60_000;

/**
 * Asks the service once for the balance, which is free, and notes it with each of the tasks whose answer was lost: less
 * than before they were sent is a hint that they were charged.
 *
 * @param ids of tasks; those that cannot be compared are passed over, and for them alone nothing is asked
 * @throws {ApiError} when the service did not tell
 */
export async function compareBalances(
  { store, apiClient, clock }: { store: TaskStore; apiClient: Pick<ApiClient, 'balance'>; clock: Clock },
  ids: readonly string[],
  options: CallOptions,
): Promise<void> {
  const account = getKeyFingerprint(options.key);
  const comparable = ids.flatMap((id) => {
    const record = store.get(id);
    return record && isComparable(record) && record.account === account && !store.isReadOnly(id) ? record : [];
  });
  if (comparable.length === 0) {
    return;
  }
  const { balance } = await apiClient.balance(options);
  const at = clock.now();
  for (const record of comparable) {
    const beforeAt = record.balance?.beforeAt ?? at;
    const isMixed =
      store.list().some((other) => other.id !== record.id && isOf(account, other) && mayCount(other, beforeAt)) ||
      store.removed().some((other) => mayCount(other, beforeAt));
    await store.update(record.id, withBalanceAfter(balance, at, isMixed));
  }
}

/** Whether a lost answer can be judged by the balance: it was known before. */
export function isComparable({ state, balance }: TaskRecord): boolean {
  return state === 'unknown' && balance !== undefined;
}

function isOf(account: string, other: TaskRecord): boolean {
  return other.account === undefined || other.account === account;
}

/** Whether an order may have been charged since then: when the service charges, at the order or at its end, is not known. */
function mayCount(order: ChargeableTask & Pick<Partial<TaskRecord>, 'finishedAt'>, since: number): boolean {
  const { state, gatewayId, submittedAt, createdAt, finishedAt } = order;
  if (state === 'draft' || (state === 'failed' && gatewayId === undefined)) {
    return false;
  }
  const sentAt = submittedAt ?? createdAt;
  const endedAt =
    finishedAt ??
    (state === 'unknown' ? sentAt + UNKNOWN_MAY_BE_CHARGED_FOR_MS : isUnfinished(order) ? Infinity : sentAt);
  return endedAt >= since;
}
