/** Whether a part of an answer is about the task that was asked about. */

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Compared without case and signs. Those of a request or a file are their own. */
const IDS = new Set(['id', 'taskid', 'jobid', 'generationid']);
const MORE_IDS = new Set(['uuid', 'videoid', 'predictionid', 'operationid', 'requestid', 'name', 'task', 'job']);
/** As the service makes them (seen). */
const OF_THE_SERVICE = /^[0-9a-f]{24}$/i;
const MAX_DEPTH = 4;

export const toPlainName = (name: string) => name.replace(/[^a-z0-9]/gi, '').toLowerCase();

/** Whether an id of its own is that of the task. */
export function namesTask(value: Fields, taskId: string): boolean {
  return Object.entries(value).some(
    ([name, part]) =>
      (typeof part === 'string' || typeof part === 'number') &&
      (IDS.has(toPlainName(name)) || MORE_IDS.has(toPlainName(name))) &&
      String(part).replace(/^(?:\w+\/)+/, '') === taskId,
  );
}

/** The id of another task of the same service, where ours is nowhere in it. */
export function findAnothersId(value: Fields, taskId: string): string | undefined {
  const other = OF_THE_SERVICE.test(taskId)
    ? Object.entries(value)
        .filter(([name]) => IDS.has(toPlainName(name)))
        .map(([, part]) => part)
        .find((part) => typeof part === 'string' && OF_THE_SERVICE.test(part) && part !== taskId)
    : undefined;
  return typeof other === 'string' && !namesTaskWithin(value, taskId, 0) ? other : undefined;
}

function namesTaskWithin(value: unknown, taskId: string, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) {
    return false;
  }
  return (
    (isFields(value) && namesTask(value, taskId)) ||
    Object.values(value).some((part) => namesTaskWithin(part, taskId, depth + 1))
  );
}
