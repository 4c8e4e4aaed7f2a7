import { parseUrl } from './url';

/**
 * Links that are tickets: who has one gets what it leads to. A link is one by what stands in its query, which every
 * store, proxy and login names differently. So for what others will read only parameters stay that are known to be
 * harmless; and for the user's own list those go that look like a secret by their name or value.
 */

/** Of what is shown, and how large; the id of a page. */
const HARMLESS =
  /^(id|n|i|p|page|index|w|h|width|height|size|dpr|q|quality|fit|crop|fm|format|ext|type|v|ver|version|rev|lang|locale|alt|raw|dl|download|name|file|filename|image|img)$/i;
const HARMLESS_VALUE_MAX_CHARS = 64;

/** Anywhere in a name, which is compared without its separators. */
const SECRET_PARTS =
  /sig|token|secret|passw|pwd|passphrase|apikey|accesskey|accessid|accountkey|keypair|jwt|bearer|auth|credential|hmac|session|sessid|ticket|policy|signed|security|hash|digest|cookie|csrf|xsrf|hdne|hdnt|expir|valid/i;
/** Whole names: of keys and codes, Azure's shared access (`st`, `se`, `sp`, …), of Discord, Facebook and Akamai (seen). */
const SECRET_NAMES =
  /^(key|k|ak|sk|st|se|sp|sr|sv|ss|srt|spr|sip|sas|skoid|sktid|skt|ske|sks|skv|sdd|saoid|suoid|code|otp|pass|pw|pin|sid|tk|tok|exp|ex|is|hm|oh|oe|gda|cred|access|grant|nonce|acl)$/i;
/** `X-Amz-…`, `X-Goog-…`, `x-oss-…`, and Tencent's `q-sign-…`. */
const SECRET_PREFIX = /^(x|q)-[a-z]+/i;

const MIN_RANDOM_CHARS = 20;
/** How often a text changes between capitals, small letters and digits: words and dates hardly do. */
const MIN_CHANGES = 6;

function looksRandom(value: string): boolean {
  if (value.length < MIN_RANDOM_CHARS || /\s/.test(value)) {
    return false;
  }
  const kinds = [...value].map((char) =>
    /[a-z]/.test(char) ? 'a' : /[A-Z]/.test(char) ? 'A' : /\d/.test(char) ? '0' : '',
  );
  const told = kinds.filter((kind) => kind !== '');
  return told.filter((kind, index) => index > 0 && kind !== told[index - 1]).length >= MIN_CHANGES;
}

function isSecretParameter(name: string, value: string): boolean {
  return (
    SECRET_PREFIX.test(name) ||
    SECRET_PARTS.test(name.replace(/[^a-z0-9]/gi, '')) ||
    SECRET_NAMES.test(name.replace(/[^a-z0-9]/gi, '')) ||
    looksRandom(value)
  );
}

/** The parameters of a link; those behind # as well, where logins put theirs. */
function getParameters({ search, hash }: URL): [string, string][] {
  const inHash = hash.includes('=') ? [...new URLSearchParams(hash.replace(/^#[^?]*\?|^#/, ''))] : [];
  return [...new URLSearchParams(search), ...inHash];
}

function withoutQuery(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** Whether a link opens more than its address says, so that it is not kept. */
export function isTicket(link: string): boolean {
  const url = parseHttpUrl(link);
  return (
    url !== undefined &&
    (url.username !== '' ||
      url.password !== '' ||
      getParameters(url).some(([name, value]) => isSecretParameter(name, value)))
  );
}

/** The link without what makes it a ticket. Nothing else than an http(s) link is changed. */
export function stripTicket(link: string): string {
  return isTicket(link) ? withoutQuery(new URL(link)) : link;
}

/** The same for a file that others will read: only a query that is known to be harmless stays. */
export function stripForPublication(link: string): string {
  const url = parseHttpUrl(link);
  if (!url) {
    return link;
  }
  const isHarmless =
    url.hash === '' &&
    !isTicket(link) &&
    getParameters(url).every(([name, value]) => HARMLESS.test(name) && value.length <= HARMLESS_VALUE_MAX_CHARS);
  return isHarmless ? url.href : withoutQuery(url);
}

function parseHttpUrl(link: string): URL | undefined {
  const url = parseUrl(link);
  return url?.protocol === 'https:' || url?.protocol === 'http:' ? url : undefined;
}
