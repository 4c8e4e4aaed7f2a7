import type { TaskRefusal } from './apiClient';

/**
 * What the words of a result mean. Only `idle` and `done` are documented; the others were seen in answers of this
 * service or are of the makers behind it, whose words come through. Compared without case, blanks and signs.
 */

const DONE = words('done success successful succeed succeeded complete completed finish finished ready ok');
const FAILED = words(
  'failed failure fail error errored canceled cancelled cancel expired expire timeout timedout rejected reject refused ' +
    'aborted abort terminated killed blocked banned moderated nsfw unsuccessful notsuccessful invalid dead',
);
const PENDING = words(
  'idle queued queue pending waiting wait submitted created new accepted scheduled preparing prepared starting started ' +
    'running processing process inprogress inprocess inqueue working generating rendering uploading downloading postprocessing ' +
    'throttled retrying active staged initializing',
);

export type Meaning = 'done' | 'failed' | 'pending' | 'unknown';

/** Any word that is not known is "still pending": a wrong "failed" would lose a paid video. */
export function getMeaning(word: string): Meaning {
  // `TASK_STATUS_SUCCEED`, `JOB_STATE_FAILED`.
  const plain = normalize(word).replace(/^(?:task|job|status|state)+(?=.)/, '');
  return DONE.has(plain) ? 'done' : FAILED.has(plain) ? 'failed' : PENDING.has(plain) ? 'pending' : 'unknown';
}

/** Said of a task, and by an error answer of itself. */
export function isAmbiguousEnd(word: string): boolean {
  return normalize(word) === 'error';
}

const CODE_OF_OUTPUT = /\boutput\w*(?:sensitive|moderat|risk|policy|unsafe|copyright)/i;
const CODE_OF_INPUT = /\binput\w*(?:sensitive|moderat|risk|policy|unsafe|copyright)|\bsensitivecontentdetected/i;
const WORDS_OF_MODERATION =
  /sensitive content|content (?:polic|moderation|filter)|moderation|safety (?:check|system|filter|polic)|\bnsfw\b|prohibited content|policy violation|violat\w+ (?:of )?(?:\w+ ){0,3}(?:polic|guideline|terms)/i;
const WORDS_OF_OUTPUT = /\b(?:output|generated|resulting?) (?:video|audio|image|content|result)|\bthe output\b/i;

/**
 * Whether an answer says that the content was refused, and which.
 *
 * @param isOver it says that the task is over, or says nothing of it: then words alone are enough
 */
export function getTaskRefusal(
  code: number | undefined,
  texts: readonly (string | undefined)[],
  isOver: boolean,
): TaskRefusal | undefined {
  const text = texts.filter((part) => part !== undefined).join(' ');
  if (CODE_OF_OUTPUT.test(text)) {
    return 'output-refused';
  }
  if (code === 1001 || CODE_OF_INPUT.test(text)) {
    return 'sensitive-content';
  }
  if (code === 1002) {
    return 'unsafe-prompt';
  }
  if (!isOver || !WORDS_OF_MODERATION.test(text)) {
    return undefined;
  }
  return WORDS_OF_OUTPUT.test(text) ? 'output-refused' : 'sensitive-content';
}

function normalize(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
