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

/** A link that must never be fetched: of another task, of what was sent, of a preview, or to ask again. */
export const DECOY_HOST = 'decoy.example';
const DECOY_VIDEO = `https://${DECOY_HOST}/other.mp4`;
const DECOY_IMAGE = `https://${DECOY_HOST}/poster.jpg`;
const json = (answer: Answer, value: object) => withText(answer, JSON.stringify(value));

/** Results in the shape of others, and in the frames of others: all is there, and some of it is of another task. */
const SHAPES: readonly Oddity[] = [
  ...[
    (url: unknown) => ({ video_url: url }),
    (url: unknown) => ({ assets: { image: DECOY_IMAGE, video: url } }),
    (url: unknown) => ({ content: { video_url: url, last_frame_url: DECOY_IMAGE } }),
    (url: unknown) => ({ output: url, urls: { get: DECOY_VIDEO, cancel: DECOY_VIDEO } }),
    (url: unknown) => ({ urls: url === null ? [] : [url], input: { video: DECOY_VIDEO } }),
    (url: unknown) => ({ link: url, links: { self: DECOY_VIDEO } }),
    (url: unknown) => ({
      media: [
        { type: 'image', url: DECOY_IMAGE },
        { type: 'video', url },
      ],
    }),
    (url: unknown) => ({ data: { url } }),
    (url: unknown) => ({ resultJson: JSON.stringify({ resultUrls: [url] }) }),
  ].map((place): Oddity => (answer) => {
    const { url, ...rest } = jsonOf(answer);
    return json(answer, { ...rest, ...place(url) });
  }),
  // While it goes on, what stands in the place of the result was sent, or is a preview.
  (answer) => {
    const told = jsonOf(answer);
    const isOver = told['url'] !== null || ['done', 'failed'].includes(told['status'] as string);
    return json(answer, isOver ? told : { ...told, output: { url: DECOY_VIDEO }, video_url: DECOY_VIDEO });
  },
  (answer) => {
    const { id, status, url, message } = jsonOf(answer);
    const videos = url === null ? [] : [{ id: 'v', url, duration: '5' }];
    return json(answer, {
      code: 200,
      message: 'success',
      data: { task_id: id, task_status: status, task_status_msg: message, task_result: { videos } },
    });
  },
  (answer, random) => json(answer, { code: 0, tasks: [anothers(random), jsonOf(answer)] }),
  (answer, random) => json(answer, [jsonOf(answer), anothers(random)]),
  (answer, random) => json(answer, { ...jsonOf(answer), next: anothers(random) }),
  (answer, random) =>
    withText(
      answer,
      [{ status: 'queued' }, anothers(random), jsonOf(answer)]
        .map((value) => `data: ${JSON.stringify(value)}\n\n`)
        .join(''),
    ),
  (answer, random) => withText(answer, `${textOf(answer)}\n${JSON.stringify(anothers(random))}\n`),
  (answer) => withText(answer, `cb(${textOf(answer)});`),
];

const anothers = (random: Random) => ({ id: random.hex(24), status: 'done', url: DECOY_VIDEO });

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
const ALL: Readonly<Record<'create' | 'result', readonly Oddity[]>> = {
  create: [...READABLE, ...NAMED, ...FOREIGN],
  result: [...READABLE, ...SHAPES, ...FOREIGN, OF_THE_QUESTION],
};

/** What an answer to `route` becomes. */
export function makeOdd(answer: Answer, random: Random, route: Route, kind?: OddKind): Answer {
  if (answer.code !== 0 || (route !== 'create' && route !== 'result')) {
    return answer;
  }
  return pick(kind ? KINDS[kind] : ALL[route], random)(answer, random, route);
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[Math.floor(random.next() * items.length)]!;
}
