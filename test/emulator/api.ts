import { affords, charge, type Account } from './accounts';
import { jsonAnswer, openAiError, type Answer } from './answer';
import { refusal } from './codes';
import type { Issue, Route } from './faults';
import { nameLink } from './files';
import { ImageProblem, describeImage } from './images';
import type { Entry } from './ledger';
import { ASPECT_RATIOS, hasVideo, isOver, statusWord, type AspectRatio, type FirstFrame, type Task } from './tasks';
import { prepareVideo } from './video/library';
import type { EmulatorState } from './emulatorState';

const MARKER = /#[\w-]+/g;
const FAIL_MARKER = '#fail';
const TASK_ID = /^[0-9a-f]{24}$/;

const ROUTES: Readonly<Record<string, Route>> = {
  'POST /v1/media/create': 'create',
  'GET /v1/media/result': 'result',
  'POST /v1/media/result': 'result',
  'GET /v1/media/models': 'models',
  'POST /v1/media/models': 'models',
  'GET /v1/balance': 'balance',
};

/** Which call of the API a request is. */
export function apiRoute(method: string, path: string): Route {
  return ROUTES[`${method} ${path}`] ?? 'other';
}

/** The id in a result request: the documentation allows the query and the body. */
export function askedTaskId(query: Readonly<Record<string, string>>, body: unknown): string | undefined {
  const id = isRecord(body) ? (body['task_id'] ?? query['task_id']) : query['task_id'];
  return typeof id === 'string' ? id : undefined;
}

/**
 * The service's answer to a request that has arrived whole.
 * @param authorization the header as it came over the wire, white space and all
 */
export async function answerApi(
  world: EmulatorState,
  entry: Entry,
  authorization: string | undefined,
): Promise<Answer> {
  const account = world.accountOf(authorization);
  switch (entry.route) {
    case 'balance':
      return account
        ? balance(account, entry.query['useWalletBalance'] === 'true')
        : openAiError(401, 'unauthorized_request_error', 'Invalid API key');
    case 'create':
      return account ? create(world, account, entry) : refusal(2);
    case 'result':
      return account ? result(world, account, askedTaskId(entry.query, entry.body)) : refusal(2);
    case 'models':
      return account ? jsonAnswer(200, { code: 0, models: world.behaviour.models }) : refusal(2);
    default:
      return refusal(99);
  }
}

function balance(account: Account, wallet: boolean): Answer {
  return jsonAnswer(200, {
    orgId: account.orgId,
    object: 'balance',
    balance: wallet ? account.walletBalance : account.balance,
    creditLimit: account.creditLimit,
  });
}

async function create(world: EmulatorState, account: Account, entry: Entry): Promise<Answer> {
  const request = await readCreate(world, entry.body);
  if (Array.isArray(request)) {
    return refusal(3, undefined, request);
  }
  const { model, prompt } = request;
  if (account.forbidden.includes(model)) {
    return refusal(7);
  }
  const marks: string[] = prompt.match(MARKER) ?? [];
  for (const mark of marks) {
    const code = world.behaviour.markers[mark];
    if (code !== undefined) {
      return refusal(code);
    }
  }
  const price = world.priceOf(model);
  if (!affords(account, price ?? 0)) {
    return refusal(5);
  }
  charge(account, price ?? 0);
  const task = world.makeTask({ ...request, owner: account, fails: marks.includes(FAIL_MARKER) });
  if (!task.fails) {
    prepareVideo(world.behaviour, task);
  }
  entry.taskId = task.id;
  entry.made = { taskId: task.id, price };
  return jsonAnswer(200, { code: 0, ...identity(task), status: world.behaviour.statuses[0] ?? 'idle', url: null });
}

function result(world: EmulatorState, account: Account, id: string | undefined): Answer {
  if (id === undefined) {
    return refusal(3, undefined, [{ path: 'task_id', expected: 'string', message: 'Required' }]);
  }
  if (!TASK_ID.test(id) && world.behaviour.malformedIdCode === 3) {
    return refusal(3, undefined, [{ path: 'task_id', expected: 'objectId', message: 'Invalid task id' }]);
  }
  const task = world.tasks.get(id);
  if (task?.owner !== account) {
    return refusal(4);
  }
  return jsonAnswer(200, {
    code: 0,
    ...identity(task),
    ...progress(world, task),
    ...world.behaviour.resultFields,
    ...task.fields,
  });
}

/** The fields that create and result have in common. */
function identity(task: Task): object {
  return {
    id: task.id,
    model: task.model,
    prompt: task.ar === undefined ? task.prompt : `${task.prompt} --ar ${task.ar}`,
    created_at: Math.floor(task.createdAtMs / 1000),
  };
}

function progress(world: EmulatorState, task: Task): object {
  const nowMs = world.now();
  const { failure, statuses } = world.behaviour;
  if (task.fails && isOver(task, nowMs)) {
    return { ...failure, url: null };
  }
  return {
    status: statusWord(task, statuses, nowMs),
    url: hasVideo(task, nowMs) ? nameLink(world, task) : null,
  };
}

interface CreateRequest {
  model: string;
  prompt: string;
  ar: AspectRatio | undefined;
  firstFrame: FirstFrame | undefined;
}

/** The request, or what is wrong with it: every field that is, not only the first. */
async function readCreate(world: EmulatorState, body: unknown): Promise<CreateRequest | Issue[]> {
  if (!isRecord(body)) {
    return [{ path: '', expected: 'object', message: 'The body has to be a JSON object' }];
  }
  const issues: Issue[] = [];
  const { model, prompt, ar } = body;
  const models = world.behaviour.models.map((entry) => entry.id);
  if (typeof model !== 'string' || !models.includes(model)) {
    issues.push({ path: 'model', expected: models.join(' | '), message: 'Invalid model' });
  }
  if (typeof prompt !== 'string' || prompt.trim() === '') {
    issues.push({ path: 'prompt', expected: 'string', message: 'The prompt must not be empty' });
  }
  if (ar !== undefined && !ASPECT_RATIOS.some((ratio) => ratio === ar)) {
    issues.push({ path: 'ar', expected: ASPECT_RATIOS.join(' | '), message: 'Invalid aspect ratio' });
  }
  const firstFrame = await readImages(world, body['images'], issues);
  return issues.length > 0
    ? issues
    : { model: model as string, prompt: prompt as string, ar: ar as AspectRatio | undefined, firstFrame };
}

async function readImages(world: EmulatorState, images: unknown, issues: Issue[]): Promise<FirstFrame | undefined> {
  if (images === undefined) {
    return undefined;
  }
  if (!Array.isArray(images) || images.length > 1) {
    issues.push({ path: 'images', expected: 'array of at most 1', message: 'Only one image is accepted' });
    return undefined;
  }
  if (images.length === 0) {
    return undefined;
  }
  const link: unknown = images[0];
  if (typeof link !== 'string') {
    issues.push({ path: 'images.0', expected: 'url', message: 'Invalid url' });
    return undefined;
  }
  const { acceptDataUrls, fetchImages } = world.behaviour;
  try {
    return { link, note: await describeImage(link, acceptDataUrls, fetchImages) };
  } catch (error) {
    if (!(error instanceof ImageProblem)) {
      throw error;
    }
    issues.push({ path: 'images.0', expected: error.expected, message: error.message });
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
