import { hideQuotes, redact } from './redact';
import { stripControlChars } from './text';

/** Enough to see what an answer was. Two bytes a letter where it is Russian. */
export const CLEAN_ANSWER_MAX_CHARS = 1_000;
/** What is looked at: an image in an answer is megabytes long, and a link that is cut is hidden all the same. */
const MAX_READ_CHARS = 4_000;

/** A shorter one may be any word of the answer. */
const MIN_PROMPT_CHARS = 4;

/** A link up to its host, in any spelling of the slashes. */
const LINKS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s"'<>\\/?#@]*@)?([^\s"'<>\\/?#@]*)[^\s"'<>\\]*/gi;
/** What is left of one without its beginning, or written without a scheme. */
const QUERIES = /\?[^\s"'<>?=]{1,200}=[^\s"'<>]*/g;
/** An image or a token by itself. */
const LONG_WORDS = /[\w+/=-]{120,}/g;
/** Of a user: home directories of the three systems, also as they are written in a link or in JSON. */
const HOME_PATHS = /(?:file:\/+)?(?:\b[a-z]:)?[\\/]+(?:home|users|documents and settings)[\\/]+[^"'<>\r\n]{1,300}/gi;

/**
 * An answer that made no sense, for others to read: hosts stay, as they tell who answered. Links, keys, images, home
 * directories and what is quoted of the prompt go.
 */
export function cleanAnswer(text: string, prompt = '', maxChars = CLEAN_ANSWER_MAX_CHARS): string {
  const plain = withoutWhole(plainOf(text.slice(0, MAX_READ_CHARS)), plainOf(prompt));
  const harmless = redact(
    plain
      .replace(/data:[\w.+-]+\/[\w.+-]+[^\s"'<>]*/gi, 'data:[hidden]')
      .replace(HOME_PATHS, '[path]')
      .replace(LINKS, '$1$2/…'),
  )
    .replace(QUERIES, '?[hidden]')
    .replace(LONG_WORDS, '[hidden]');
  return stripControlChars(hideQuotes(harmless, prompt)).trim().slice(0, maxChars);
}

/** JSON may spell any character by its number, and puts backslashes before some; pages have entities. */
function plainOf(text: string): string {
  return text
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\+([/"'])/g, '$1')
    .replace(/&(?:quot|#34);/gi, '"')
    .replace(/&amp;/gi, '&');
}

/** Where it is repeated without a blank, its first and last words are others. */
function withoutWhole(text: string, prompt: string): string {
  const whole = prompt.trim();
  return whole.length < MIN_PROMPT_CHARS ? text : text.replaceAll(whole, whole.replace(/[\p{L}\p{N}]+/gu, '…'));
}
