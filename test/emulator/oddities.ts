import { bytesAnswer, jsonAnswer, proxyPage, textAnswer, type Answer } from './answer';
import type { Route } from './faults';
import type { Random } from './random';

/**
 * Answers as the world really sends them: each the service's own, made odd in a random way, or what something between
 * here and the service says in its place. The kinds are from public reports of people who write clients.
 */
type Oddity = (answer: Answer, random: Random, route: Route) => Answer;

const STATUSES = [400, 401, 403, 404, 405, 408, 410, 413, 418, 422, 429, 451, 500, 502, 503, 504, 520, 200];
/** Of the question, with a word that looks like the end of a task. Not 2: the user has to act on that. */
const CODES = [1, 4, 5, 6, 7, 99, 500];

const textOf = ({ body }: Answer) => Buffer.from(body).toString();
const jsonOf = (answer: Answer) => JSON.parse(textOf(answer)) as Record<string, unknown>;
const withText = ({ status, code }: Answer, text: string): Answer => ({
  ...textAnswer(status, 'application/json', text),
  code,
});

/** Everything is there, with something around it or in it that does not belong. */
const READABLE: readonly Oddity[] = [
  (answer) => withText(answer, `\uFEFF${textOf(answer)}`),
  (answer) => withText(answer, `\r\n\0 ${textOf(answer)}\0\n`),
  (answer) => withText(answer, textOf(answer).replace(/}$/, ',"cost":NaN,"seed":-Infinity}')),
  (answer) => withText(answer, textOf(answer).replace(/}$/, ',}')),
  (answer) => ({ ...withText(answer, textOf(answer)), headers: { 'content-type': 'text/html' } }),
  (answer, random) => jsonAnswer(answer.status, { ...jsonOf(answer), [`new_${random.hex(4)}`]: { deep: [null, {}] } }),
  (answer) => jsonAnswer(answer.status, { ...jsonOf(answer), model: null, created_at: 'yesterday', prompt: [7] }),
];

/** The task is named, and nothing else can be believed. */
const NAMED: readonly Oddity[] = [
  (answer) => withText(answer, `<br />\n<b>Warning</b>: undefined {x} in /a.php\n${textOf(answer)}`),
  (answer) => withText(answer, `${textOf(answer)}{"code":0}`),
  (answer) => jsonAnswer(200, { code: 0, data: jsonOf(answer) }),
  (answer) => jsonAnswer(200, { result: { tasks: [{ task_id: jsonOf(answer)['id'] }] } }),
  (answer) => withText(answer, textOf(answer).slice(0, -8)),
  (answer, random) => jsonAnswer(200, { ...jsonOf(answer), code: pick([1, 500, 4711], random) }),
  (answer, random) => jsonAnswer(pick([400, 429, 500, 502, 503], random), { ...jsonOf(answer), code: undefined }),
];

/** Nothing of the service is in it. */
const FOREIGN: readonly Oddity[] = [
  (_answer, random) => proxyPage(pick(STATUSES, random), 'Blocked by the firewall'),
  (_answer, random) => bytesAnswer(pick(STATUSES, random), {}, new Uint8Array()),
  (_answer, random) => jsonAnswer(pick(STATUSES.slice(0, -1), random), { message: 'Forbidden' }),
  (_answer, random) => jsonAnswer(pick(STATUSES.slice(0, -1), random), { error: 'policy violation' }),
  (answer) => withText(answer, textOf(answer).slice(0, 8)),
  () => textAnswer(200, 'text/html', '<!doctype html><title>Welcome</title><form>Please log in'),
];

/** An error of the question in the words of a task. */
const OF_THE_QUESTION: Oddity = (_answer, random) =>
  jsonAnswer(pick([200, 400, 500], random), { code: pick(CODES, random), status: 'error', message: 'no' });

/** What is left of an answer: all that it says, the id of its task, or nothing. */
export type OddKind = 'readable' | 'named' | 'foreign';

const KINDS: Readonly<Record<OddKind, readonly Oddity[]>> = { readable: READABLE, named: NAMED, foreign: FOREIGN };

/** What an answer to `route` becomes. */
export function makeOdd(answer: Answer, random: Random, route: Route, kind?: OddKind): Answer {
  if (answer.code !== 0 || (route !== 'create' && route !== 'result')) {
    return answer;
  }
  const all = route === 'create' ? [...READABLE, ...NAMED, ...FOREIGN] : [...READABLE, ...FOREIGN, OF_THE_QUESTION];
  return pick(kind ? KINDS[kind] : all, random)(answer, random, route);
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random.next() * items.length)]!;
}
