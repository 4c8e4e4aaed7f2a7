import { parseAnswer, parseAnswers } from './answerText';
import { isDocumentedCode } from './apiError';
import { hasUsableShape, isDoneWithLink } from './resultShape';
import { findAnothersId, isFields, namesTask, type Fields } from './taskIdentity';

const MAX_DEPTH = 6;
/** A megabyte of them takes long to read, and the last ones count. */
const MAX_OWN = 500;
/** As others say that a question was answered; a documented code never means that. */
const CODE_OF_SUCCESS = /^(?:200|201|202|10000|20000|0{1,6}|ok|success|succeed(?:ed)?)$/i;

/**
 * What an answer says of one task, in the service's own names or in others'. Seen in public reports: a list of tasks, of
 * which one is ours; the same in an object with the ids as names; a stream of events or lines, of which the last one
 * counts; one object in a call. What names our id goes before everything else, and what names another task says nothing.
 *
 * @returns anything that is no such answer as it is, to be told as an error
 */
export function readOwnAnswer(text: string, taskId: string): unknown {
  const whole = parseAnswer(text);
  const answers = whole === undefined ? parseAnswers(text) : Array.isArray(whole) ? (whole as unknown[]) : [whole];
  const own = findOwn(answers, taskId);
  if (own) {
    return withoutSuccess(own);
  }
  const others = answers.filter(isFields).filter((answer) => findAnothersId(answer, taskId) === undefined);
  // Events of a stream need not repeat whose they are. Of a list without ids each may be of any task.
  const isStream = whole === undefined;
  const last = others.filter((answer) => !isStream || hasUsableShape(answer, taskId)).at(-1);
  return last && (isStream || others.length === answers.length) && (isStream || others.length === 1)
    ? withoutSuccess(last)
    : whole;
}

/** The outermost object that names the task and tells its state or its link; of several the one with the video. */
function findOwn(answers: readonly unknown[], taskId: string): Fields | undefined {
  let level = answers.map((value): { value: unknown; code: unknown; name: string } => ({
    value,
    code: isFields(value) ? value['code'] : undefined,
    name: '',
  }));
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    const own = level
      .flatMap(({ value, code, name }) =>
        isFields(value) && (name === taskId || namesTask(value, taskId)) ? [{ value, code }] : [],
      )
      .slice(-MAX_OWN)
      .filter(({ value }) => hasUsableShape(value, taskId))
      .map(({ value, code }) => (depth === 0 || code === undefined ? value : { code, ...value }));
    if (own.length > 0) {
      return own.findLast((answer) => isDoneWithLink(answer, taskId)) ?? own.at(-1);
    }
    level = level.flatMap(({ value, code }) =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).map(([name, part]) => ({ value: part as unknown, code, name }))
        : [],
    );
  }
  return undefined;
}

function withoutSuccess(answer: Fields): Fields {
  const { code, ...rest } = answer;
  const isSuccess = (typeof code === 'string' || typeof code === 'number') && CODE_OF_SUCCESS.test(String(code).trim());
  return isSuccess && Number(code) !== 0 && !isDocumentedCode(Number(code)) ? rest : answer;
}
