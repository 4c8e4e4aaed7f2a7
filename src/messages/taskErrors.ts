import * as vscode from 'vscode';
import { Commands } from '../constants';
import type { TaskError, TaskRecord } from '../tasks/model/taskRecord';
import { getTaskRefusal } from '../api/resultWords';
import { toSingleLine } from '../common/text';
import { parseUrl } from '../common/url';
import { formatDateTime, formatNextTry, formatRoubles } from './format';

/** What the user reads about an error. Plain text that may contain untrusted text of the service: escape it. */
export interface ErrorDescription {
  /** What happened. */
  what: string;
  /** Whether something was charged. */
  money: string;
  /** What to do. May be empty. */
  advice: string;
  action?: ErrorAction | undefined;
}

/** A button that helps with an error: runs a command. */
export interface ErrorAction {
  title: string;
  command: string;
  arguments?: unknown[];
}

/** Without `money`, which depends on the state of the task and not on the kind of the error. */
type PartialDescription = Omit<ErrorDescription, 'money'>;

/** Longer messages of the service are truncated. */
const MAX_QUOTE_CHARS = 300;
/** The most values to list that a field may have. For the model the service lists some 270. */
const MAX_EXPECTED = 6;

/**
 * Describes an error to the user.
 *
 * @param record the task whose `error` or `trouble` it is. Without one, the request costs nothing: the balance, a list,
 * the state of a task.
 */
export function describeTaskError(error: TaskError, record?: TaskRecord): ErrorDescription {
  const { what, advice, action } = describeWithoutMoney(error, record);
  return { what, money: getChargeMessage(record), advice, action };
}

function getChargeMessage(record: TaskRecord | undefined): string {
  const price = record?.cost ?? record?.quotedPrice;
  switch (record?.state) {
    case 'unknown':
      return [
        price === undefined
          ? vscode.l10n.t('It may have been charged, once at most.')
          : vscode.l10n.t('{0} may have been charged, once at most.', formatRoubles(price)),
        describeBalance(record) ?? '',
      ]
        .join(' ')
        .trimEnd();
    case 'failed':
      return record.gatewayId === undefined
        ? vscode.l10n.t('Nothing was charged.')
        : vscode.l10n.t('Whether a failed task is charged is decided by the service; your balance shows it.');
    case 'expired':
      return vscode.l10n.t('The video was paid for when it was made.');
    case 'waiting':
    case 'running':
    case 'done':
      return vscode.l10n.t('Nothing more is charged: asking again is free.');
    case 'draft':
    case 'submitting':
    case undefined:
      return vscode.l10n.t('Nothing was charged.');
  }
}

/** Why something is tried again, in so few words that they fit a row; `undefined` where only a sentence can say it. */
export function getShortReason({ kind }: TaskError): string | undefined {
  switch (kind) {
    case 'not-sent':
      return vscode.l10n.t('no connection');
    case 'no-answer':
    case 'aborted':
      return vscode.l10n.t('no answer yet');
    case 'overloaded':
      return vscode.l10n.t('service busy');
    case 'internal':
      return vscode.l10n.t('error of the service');
    case 'in-between':
    case 'redirected':
      return vscode.l10n.t('something in between');
    case 'proxy-refused':
      return vscode.l10n.t('proxy');
    case 'bad-answer':
    case 'no-link':
      return vscode.l10n.t('odd answer');
    case 'disk-full':
      return vscode.l10n.t('disk full');
    default:
      return undefined;
  }
}

/** When a task that goes on by itself is tried again; `undefined` when another window does it, or it is due. */
export function describeNextTry(nextTryAt: number | undefined, now: number): string | undefined {
  const when = nextTryAt === undefined ? undefined : formatNextTry(nextTryAt, now);
  return when === undefined ? undefined : vscode.l10n.t('Next try {0}.', when);
}

/** The service may charge something else than the price that it lists (seen). */
const PRICE_TOLERANCE = 0.2;

/** What the balance before and after a lost answer hints at; `undefined` when it says nothing. */
export function describeBalance({ state, balance, quotedPrice }: TaskRecord): string | undefined {
  if (state !== 'unknown' || balance?.after === undefined) {
    return undefined;
  }
  const less = Math.round((balance.before - balance.after) * 100) / 100;
  if (less === 0 && !balance.isMixed) {
    return vscode.l10n.t(
      'On {0} the balance was the same as before: nothing had been charged so far.',
      formatDateTime(balance.afterAt ?? balance.beforeAt),
    );
  }
  if (less <= 0) {
    // Topped up meanwhile, or paid back: nobody knows what else was.
    return undefined;
  }
  const amount = formatRoubles(less);
  if (balance.isMixed) {
    return vscode.l10n.t('The balance is {0} less than before; other videos were ordered meanwhile.', amount);
  }
  return quotedPrice === undefined || Math.abs(less - quotedPrice) <= PRICE_TOLERANCE * quotedPrice
    ? vscode.l10n.t('The balance is {0} less than before: it was probably charged.', amount)
    : vscode.l10n.t(
        'The balance is {0} less than before, which is not the price of this video ({1}): something else may have been charged.',
        amount,
        formatRoubles(quotedPrice),
      );
}

function describeWithoutMoney(error: TaskError, record: TaskRecord | undefined): PartialDescription {
  const partly = describeErrorKind(error, record);
  if (record?.state === 'unknown') {
    // The reason makes no difference to what the user can do.
    return {
      what: partly.what,
      advice: vscode.l10n.t(
        'If you find the task in your account at the service, add its ID here. It is never sent again by itself; generating again may cost a second time.',
      ),
      action: { title: vscode.l10n.t('Add its ID…'), command: Commands.addId, arguments: [record.id] },
    };
  }
  if (isInProgress(record) && isAboutQuestion(error)) {
    // The task was accepted, and goes on at the service: there is nothing to change about it.
    return {
      what: partly.what,
      advice: vscode.l10n.t(
        'It was said about the question and not about the task, which is asked about again by itself.',
      ),
      ...checkAction(record),
    };
  }
  return partly;
}

function describeErrorKind(error: TaskError, record: TaskRecord | undefined): PartialDescription {
  const again = againAction(record);
  switch (error.kind) {
    case 'invalid-key':
      return {
        what: vscode.l10n.t('The service refused the API key.'),
        advice: isInProgress(record)
          ? vscode.l10n.t('Set a key that works; this task then goes on.')
          : vscode.l10n.t('Set a key that works and try again.'),
        action: { title: vscode.l10n.t('Set API key'), command: Commands.setApiKey },
      };
    case 'invalid-input':
      if (isContentRefused(error)) {
        return describeErrorKind({ ...error, kind: 'sensitive-content', issues: undefined }, record);
      }
      if (!isModelRefused(error) && isImageRefused(error, record)) {
        return {
          what:
            record?.request.firstFrame?.delivery === 'inline'
              ? vscode.l10n.t('The service does not take the first frame inside the request.')
              : vscode.l10n.t('The service could not read the first frame.'),
          advice: vscode.l10n.t('The same image can be sent in another way.'),
          ...otherDeliveryAction(record),
        };
      }
      return {
        what: withDetail(vscode.l10n.t('The service did not accept the request.'), formatIssues(error)),
        advice: vscode.l10n.t('Change what it names and try again.'),
        ...(isModelRefused(error) ? otherModelAction(record) : again),
      };
    case 'not-found':
      return {
        what: vscode.l10n.t('The service does not know this task.'),
        advice: vscode.l10n.t('Check the ID, and that the key is the one that made the task.'),
        action: { title: vscode.l10n.t('Set API key'), command: Commands.setApiKey },
      };
    case 'insufficient-balance':
      return {
        what: vscode.l10n.t('There is not enough money on the account.'),
        advice: vscode.l10n.t('Top up the account at the service, then generate again.'),
        action: { title: vscode.l10n.t('Show balance'), command: Commands.showBalance },
      };
    case 'overloaded':
      return {
        what: vscode.l10n.t('The service is busy or was asked too often.'),
        advice: getWaitAdvice(record),
        ...again,
      };
    case 'model-forbidden':
      return {
        what: vscode.l10n.t('Your organisation may not use this model.'),
        advice: vscode.l10n.t('Choose another model, or ask the owner of the organisation to allow it.'),
        ...otherModelAction(record),
      };
    case 'wrong-address':
      return {
        what: vscode.l10n.t('There is no such service at the address in the setting seedance.apiBaseUrl.'),
        advice: vscode.l10n.t('Correct the address: https, or http to this computer only.'),
        action: settingsAction(),
      };
    case 'sensitive-content':
      return {
        what: vscode.l10n.t('The service found sensitive content in the prompt or in the first frame.'),
        advice: vscode.l10n.t('Change the prompt or the image. Repeating it unchanged may get the account restricted.'),
        ...againAction(record, vscode.l10n.t('Change and generate…')),
      };
    case 'unsafe-prompt':
      return {
        what: vscode.l10n.t('The prompt did not pass the safety check of the service.'),
        advice: vscode.l10n.t('Change the prompt. Repeating it unchanged may get the account suspended.'),
        ...againAction(record, vscode.l10n.t('Change and generate…')),
      };
    case 'request-too-large':
      return {
        what: vscode.l10n.t('The request is too large for the service, most likely because of the image in it.'),
        advice: vscode.l10n.t('Use a smaller image, or a link to it.'),
        ...(record?.request.firstFrame
          ? otherDeliveryAction(record)
          : againAction(record, vscode.l10n.t('Change and generate…'))),
      };
    case 'internal':
      return {
        what: vscode.l10n.t('The service had an error of its own.'),
        advice: getWaitAdvice(record),
        ...again,
      };
    case 'bad-answer':
      return {
        what: vscode.l10n.t('The service gave an answer that makes no sense.'),
        advice: getWaitAdvice(record),
        action: logAction(),
      };
    case 'in-between':
      return {
        what:
          error.status === undefined
            ? vscode.l10n.t('Not the service answered, but something between here and there.')
            : vscode.l10n.t(
                'Not the service answered, but something between here and there: a firewall, a proxy or a login page (HTTP {0}).',
                error.status,
              ),
        advice: [
          getWayAdvice(record),
          getProxyAdvice(),
          ...([404, 405, 410].includes(error.status ?? 0)
            ? [vscode.l10n.t('Or the address in the setting seedance.apiBaseUrl leads elsewhere.')]
            : []),
        ].join(' '),
        action: proxySettingsAction(),
      };
    case 'proxy-refused':
      return {
        what:
          error.status === 407
            ? vscode.l10n.t('The proxy wants a user name and a password, and let nothing through (HTTP 407).')
            : vscode.l10n.t('The proxy let nothing through.'),
        advice: `${getWayAdvice(record)} ${getProxyAdvice()}`,
        action: proxySettingsAction(),
      };
    case 'key-unreadable':
      return {
        what: vscode.l10n.t(
          'The API key cannot be read now: the password storage of this system (its keyring) is locked or does not answer.',
        ),
        advice: vscode.l10n.t('The key is still there. Unlock the storage and try again.'),
        ...(isInProgress(record) ? checkAction(record) : again),
      };
    case 'redirected':
      return {
        what: vscode.l10n.t('The service points to another address, and your key is not sent there.'),
        advice: vscode.l10n.t('Check the setting seedance.apiBaseUrl and the proxy.'),
        action: settingsAction(),
      };
    case 'not-sent':
      return {
        what: vscode.l10n.t('The service could not be reached.'),
        advice: isInProgress(record)
          ? vscode.l10n.t('It is tried again by itself. Check the connection and the proxy.')
          : vscode.l10n.t('Check the connection and the proxy, then try again.'),
        ...again,
      };
    case 'no-answer':
      return {
        what: vscode.l10n.t('The service did not answer in time.'),
        advice: getWaitAdvice(record),
        ...again,
      };
    case 'aborted':
      return {
        what: vscode.l10n.t('The request was stopped before an answer came.'),
        advice: getWaitAdvice(record),
        ...again,
      };
    case 'task-failed':
      return {
        what: vscode.l10n.t('The service could not make this video.'),
        advice: vscode.l10n.t('Change the prompt, the image or the model, and generate again.'),
        ...againAction(record, vscode.l10n.t('Change and generate…')),
      };
    case 'output-refused':
      return {
        what: vscode.l10n.t('The video was made, and the safety check of the service refused it.'),
        advice: vscode.l10n.t('What is made differs each time: the same prompt may pass when it is generated again.'),
        ...again,
      };
    case 'no-link':
      return {
        what: vscode.l10n.t('The service says that the video is done, and gives no link to it that works.'),
        advice: vscode.l10n.t(
          'It is asked about again by itself, ever more rarely. If it stays so, show the answer to the service.',
        ),
        ...checkAction(record),
      };
    case 'never-sent':
      return {
        what: vscode.l10n.t('VS Code was closed before the request was sent.'),
        advice: vscode.l10n.t('Generate again when you are ready.'),
        ...again,
      };
    case 'not-confirmed':
      return {
        what: vscode.l10n.t('It was not sent: you were asked first and did not agree.'),
        advice: vscode.l10n.t('Generate again if you want it after all.'),
        ...again,
      };
    case 'interrupted':
      return {
        what: vscode.l10n.t('VS Code was closed while the request was on its way.'),
        advice: getWaitAdvice(record),
        ...again,
      };
    case 'link-expired':
      if (record?.state === 'done') {
        return {
          what: vscode.l10n.t('The link to the video does not work.'),
          advice: vscode.l10n.t('Seedance asks the service for a new one by itself and keeps trying.'),
          ...checkAction(record),
        };
      }
      return {
        what: vscode.l10n.t('The link to the video no longer works: the service keeps a video for 48 hours.'),
        advice: vscode.l10n.t('The video can only be generated anew.'),
        ...again,
      };
    case 'private-address':
      return {
        what: vscode.l10n.t('The link to the video leads into this computer or its network, so it is not opened.'),
        advice: vscode.l10n.t('“Check now” asks the service for its link once more.'),
        ...checkAction(record),
      };
    case 'not-a-video':
      return {
        what: vscode.l10n.t('What came from the link is not a whole video.'),
        advice: vscode.l10n.t(
          'Seedance tries again by itself, ever more rarely, while the link lives; “Check now” tries at once. Nothing is charged again.',
        ),
        ...checkAction(record),
      };
    case 'disk-full':
      return {
        what: vscode.l10n.t('The disk is full.'),
        advice: isInProgress(record)
          ? vscode.l10n.t('Free some space; the video is then fetched by itself while its link lives.')
          : vscode.l10n.t('Free some space and try again.'),
        ...checkAction(record),
      };
    case 'storage':
      return {
        what: vscode.l10n.t("The extension's folder could not be read or written."),
        advice: vscode.l10n.t('Check that it is writable; the log names it.'),
        action: logAction(),
      };
    default:
      // The record was written by a newer version of the extension.
      error.kind satisfies never;
      return {
        what: vscode.l10n.t('Something went wrong that this version has no words for.'),
        advice: vscode.l10n.t('The log may say more. Updating the extension may help.'),
        action: logAction(),
      };
  }
}

/** An answer to a question about an accepted task that would mean something else as an answer to an order. */
function isAboutQuestion({ kind }: TaskError): boolean {
  return kind === 'invalid-input' || kind === 'insufficient-balance' || kind === 'model-forbidden';
}

/** Whether the extension continues with this task by itself. */
function isInProgress(record: TaskRecord | undefined): boolean {
  return record?.state === 'waiting' || record?.state === 'running' || record?.state === 'done';
}

function getWaitAdvice(record: TaskRecord | undefined): string {
  return isInProgress(record)
    ? vscode.l10n.t('It is tried again by itself.')
    : vscode.l10n.t('Wait a little and try again.');
}

/** Whether the service refused the model: it does not generate videos with it, or not for this API key. */
export function isModelRefused({ kind, issues = [] }: TaskError): boolean {
  return kind === 'model-forbidden' || (kind === 'invalid-input' && issues.some(({ path }) => path === 'model'));
}

/**
 * Whether the service refused the image as it was delivered; it may accept the same image by another delivery. Images
 * inside requests are not documented, so a refusal of such a request that names no field is assumed to be about the image.
 */
function isImageRefused({ issues = [] }: TaskError, record: TaskRecord | undefined): boolean {
  const frame = record?.request.firstFrame;
  return (
    frame !== undefined &&
    (issues.some(({ path }) => path.startsWith('images')) || (issues.length === 0 && frame.delivery === 'inline'))
  );
}

/** Of people in an image, which the models of the maker refuse (documented), and of what others call by other names. */
const WORDS_OF_CONTENT =
  /\b(?:real|human|recogni[sz]able|public) (?:person|people|face|figure)|\bfaces?\b|\bportraits?\b|celebrit|\bminors?\b|\bnud(?:e|ity)\b|inappropriate|sensitive|unsafe|harmful|violen(?:t|ce)|copyright|\bpolic(?:y|ies)\b|\bguidelines?\b|risk control|запрещ|недопустим|модерац|цензур/i;

/** What is in the image is refused in every way of sending it; another way would only repeat it. */
function isContentRefused({ code, message, issues = [] }: TaskError): boolean {
  const texts = [message, ...issues.map((issue) => issue.message)];
  return (
    getTaskRefusal(code, texts, 'over') !== undefined ||
    texts.some((text) => text !== undefined && WORDS_OF_CONTENT.test(text))
  );
}

/** Offers to generate again, unless the task is in progress or has no prompt. */
function againAction(
  record: TaskRecord | undefined,
  title = vscode.l10n.t('Generate again'),
  ...how: unknown[]
): { action?: ErrorAction } {
  if (!record || isInProgress(record) || record.request.prompt === '') {
    return {};
  }
  return { action: { title, command: Commands.again, arguments: [record.id, ...how] } };
}

/** Opens the model picker with the models that the service suggested. The user confirms the price afterwards. */
function otherModelAction(record: TaskRecord | undefined): { action?: ErrorAction } {
  return againAction(record, vscode.l10n.t('Choose another model'), { chooseModel: true });
}

/** Lets the user choose another delivery for the same image. The user confirms the price afterwards. */
function otherDeliveryAction(record: TaskRecord | undefined): { action?: ErrorAction } {
  return againAction(record, vscode.l10n.t('Send it in another way…'), { chooseDelivery: true });
}

function checkAction(record: TaskRecord | undefined): { action?: ErrorAction } {
  return record && isInProgress(record)
    ? { action: { title: vscode.l10n.t('Check now'), command: Commands.check, arguments: [record.id] } }
    : {};
}

function settingsAction(): ErrorAction {
  return {
    title: vscode.l10n.t('Open settings'),
    command: 'workbench.action.openSettings',
    arguments: ['seedance.apiBaseUrl'],
  };
}

function logAction(): ErrorAction {
  return { title: vscode.l10n.t('Show log'), command: Commands.showLog };
}

/** Kinds that are not the service's own; a message with them is one of ours, or of a library. */
const NOT_BY_SERVICE: ReadonlySet<string> = new Set<TaskError['kind']>([
  'bad-answer',
  'in-between',
  'proxy-refused',
  'redirected',
  'key-unreadable',
  'private-address',
  'not-confirmed',
  'not-sent',
  'no-answer',
  'aborted',
  'never-sent',
  'interrupted',
  'link-expired',
  'not-a-video',
  'no-link',
  'disk-full',
  'storage',
]);

/**
 * Returns the service's own message, to be shown below a description. It may be in another language. Of a response that
 * could not be used, returns the beginning, and not as something that the service said.
 */
export function getServerMessage(error: TaskError, maxChars = MAX_QUOTE_CHARS): string | undefined {
  const said = NOT_BY_SERVICE.has(error.kind) ? '' : toSingleLine(error.message ?? '', maxChars);
  if (said !== '') {
    return vscode.l10n.t('The service said: {0}', said);
  }
  const answer = toSingleLine(error.answer ?? '', maxChars);
  return answer === '' ? undefined : vscode.l10n.t('The answer was: {0}', answer);
}

function getWayAdvice(record: TaskRecord | undefined): string {
  return isInProgress(record)
    ? vscode.l10n.t('It says nothing about the key, the task or the money. It is tried again by itself.')
    : vscode.l10n.t('It says nothing about the key, the task or the money.');
}

/** Names what is in between, where VS Code knows it. */
function getProxyAdvice(): string {
  const proxy = vscode.workspace.getConfiguration('http').get<string>('proxy');
  const host = proxy ? parseUrl(proxy)?.host : undefined;
  return host
    ? vscode.l10n.t('VS Code goes through the proxy {0} (setting http.proxy).', host)
    : vscode.l10n.t('The setting http.proxy names no proxy; the network, a VPN or the system may have one.');
}

function proxySettingsAction(): ErrorAction {
  return {
    title: vscode.l10n.t('Open settings'),
    command: 'workbench.action.openSettings',
    arguments: ['http.proxy'],
  };
}

function withDetail(text: string, detail: string | undefined): string {
  return detail ? `${text} ${shorten(detail)}` : text;
}

/** Formats the fields that the service refused (error code 3, documented), with their allowed values. */
function formatIssues({ issues = [] }: TaskError): string | undefined {
  const parts = issues.map(({ path, expected, message }) => {
    const field = getFieldName(path);
    const values = expected?.split(' | ') ?? [];
    const told = message ?? vscode.l10n.t('wrong value');
    if (values.length === 0) {
      return `${field}: ${told}`;
    }
    const some = values.slice(0, MAX_EXPECTED).join(', ');
    return vscode.l10n.t('{0}: {1} (may be: {2})', field, told, values.length > MAX_EXPECTED ? `${some}, …` : some);
  });
  return parts.length === 0 ? undefined : parts.join('; ');
}

/** Returns the name that our pickers use for a field of the API. */
function getFieldName(path: string): string {
  switch (path.split('.')[0]) {
    case 'model':
      return vscode.l10n.t('model');
    case 'prompt':
      return vscode.l10n.t('prompt');
    case 'images':
      return vscode.l10n.t('first frame');
    case 'ar':
      return vscode.l10n.t('aspect ratio');
    case 'task_id':
      return vscode.l10n.t('task ID');
    default:
      return path || vscode.l10n.t('request');
  }
}

function shorten(text: string): string {
  return text.length <= MAX_QUOTE_CHARS ? text : `${text.slice(0, MAX_QUOTE_CHARS)}…`;
}
