import type { TaskRefusal } from './apiClient';

/**
 * What the words of a result mean. Only `idle` and `done` are documented; the others were seen in answers of this
 * service or are of the makers behind it, whose words come through. Compared without case, blanks and signs.
 */

const DONE = words('done success successful succeed succeeded complete completed finish finished ready ok');
const FAILED = words(
  'failed failure fail error errored canceled cancelled cancel expired expire timeout timedout rejected reject refused ' +
    'aborted abort terminated killed blocked banned moderated requestmoderated nsfw unsuccessful ' +
    'notsuccessful invalid dead denied filtered prohibited',
);
const PENDING = words(
  'idle queued queue pending waiting wait submitted created new accepted scheduled preparing prepared starting started ' +
    'running processing process inprogress inprocess inqueue working generating rendering uploading downloading postprocessing ' +
    'dreaming throttled retrying active staged initializing notstart notstarted paused moderating checking reviewing',
);
/**
 * May stand beside a word that is known, and change nothing: `generation_failed`, `COMPLETED_WITH_ERRORS`. Nothing that
 * stands between us and the task: what failed on a server or with a request says nothing about the task.
 */
const BESIDE = words(
  'task job status state media generation video audio image content prompt input output result moderation safety with ' +
    'errors warnings partial partially permanently processing rendering',
);
/** Ends of a task by themselves; beside another word more likely of the question about it. */
const ENDS_ALONE = words('error errored invalid timeout timedout');

export type Meaning = 'done' | 'failed' | 'pending' | 'unknown';

/** Any word that is not known is "still pending": a wrong "failed" would lose a paid video. */
export function getMeaning(word: string): Meaning {
  const text = word.replace(/\d+(?:[.,]\d+)?\s*%/g, ' ').trim();
  if (text === '' && word.trim() !== '') {
    return 'pending';
  }
  // `TASK_STATUS_SUCCEED`, `JOB_STATE_FAILED`.
  const whole = lookUp(normalize(text).replace(/^(?:task|job|status|state)+(?=.)/, ''));
  if (whole !== 'unknown') {
    return whole;
  }
  const parts = text
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .map(normalize)
    .filter(Boolean);
  // `CANCELLED_BY_USER`: who did it changes nothing.
  const by = parts.indexOf('by');
  const said = parts
    .slice(0, by > 0 ? by : undefined)
    .filter((part) => !BESIDE.has(part))
    .map((part) => (ENDS_ALONE.has(part) ? 'unknown' : lookUp(part)));
  // Two that do not agree, or one that nobody knows, are no word at all.
  return said.every((meaning) => meaning === said[0]) ? (said[0] ?? 'unknown') : 'unknown';
}

function lookUp(plain: string): Meaning {
  return DONE.has(plain) ? 'done' : FAILED.has(plain) ? 'failed' : PENDING.has(plain) ? 'pending' : 'unknown';
}

/** Said of a task, and by an error answer of itself. */
export function isAmbiguousEnd(word: string): boolean {
  return normalize(word) === 'error';
}

const REFUSED = '(?:sensitive|moderat|risk|policy|unsafe|copyright|privacy)';
/** `OutputVideoSensitiveContentDetected.PolicyViolation`, `SAFETY.OUTPUT.VIDEO`. */
const CODE_OF_OUTPUT = new RegExp(`\\boutput[\\w.]*${REFUSED}|\\bsafety[._]output`, 'i');
/** `InputImageSensitiveContentDetected`, `InputImageRealPerson.PrivacyInformation`, `SensitiveContentDetected.SevereViolation`. */
const CODE_OF_INPUT = new RegExp(`\\binput[\\w.]*${REFUSED}|\\bsensitivecontentdetected|\\bsafety[._]input`, 'i');
/** Of neither for certain. */
const CODE_OF_CONTENT =
  /\b(?:datainspectionfailed|data_inspection_failed|riskcontrol|risk_control|content_?(?:policy|filter|moderat)\w*|moderation_(?:blocked|failed)|sensitive_content\w*|nsfw\w*)/i;
const WORDS_OF_MODERATION =
  /sensitive (?:content|information)|inappropriate content|content (?:polic|moderation|filter)|moderation|moderated|safety (?:check|system|filter|polic)|\bnsfw\b|prohibited content|policy violation|violat\w+ (?:of )?(?:\w+ ){0,3}(?:polic|guideline|terms)/i;
const WORDS_OF_OUTPUT = /\b(?:output|generated|resulting?) (?:video|audio|image|content|result|data)|\bthe output\b/i;
/** Without a status: "content moderation in progress" is no refusal. */
const WORDS_OF_END =
  /reject|refus|block|violat|fail|flag|den(?:ied|y)|not allowed|prohibit|inappropriate|detected|contains?\b/i;

/** Whether a text is nothing but a maker's code for refused content. */
export function isCodeOfRefusal(text: string): boolean {
  return (
    /^[\w.-]{3,120}$/.test(text) && [CODE_OF_OUTPUT, CODE_OF_INPUT, CODE_OF_CONTENT].some((code) => code.test(text))
  );
}

/** How much an answer says of the end of its task: its status says so, an error does without one, or nothing does. */
export type SaidOfEnd = 'over' | 'error' | 'nothing' | 'goes-on';

/** Whether an answer says that the content was refused, and which. */
export function getTaskRefusal(
  code: number | undefined,
  texts: readonly (string | undefined)[],
  said: SaidOfEnd,
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
  const hasWords = WORDS_OF_MODERATION.test(text) && (said !== 'nothing' || WORDS_OF_END.test(text));
  if (said === 'goes-on' || !(CODE_OF_CONTENT.test(text) || hasWords)) {
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
