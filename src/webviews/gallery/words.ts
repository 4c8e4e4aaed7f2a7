import type { GalleryStrings, Tile } from '../../views/gallery/protocol';

/** What the gallery says and is asked by, without the page. */

/** The words that menus in package.json test for: what can be done with a task, as in the list. */
export function getMenuWords({ prompt, state, saved }: Tile): string {
  return [
    'task',
    ...(state === 'done' ? ['done'] : []),
    ...(prompt === '' ? [] : ['retryable', 'copyPrompt']),
    ...(saved ? ['revealable'] : []),
  ].join(' ');
}

/** The text of a heading. */
export function formatHeading(
  { key, title, count }: { key: string; title: string | undefined; count: number },
  group: 'day' | 'chain',
  { strings, today, lang }: { strings: GalleryStrings; today: string; lang: string },
): string {
  const number = formatNumber(count, lang);
  if (group === 'chain') {
    return `${key === '' ? strings.noChain : strings.chain.replace('{0}', () => title ?? key)} · ${number}`;
  }
  return `${formatDay(key, { strings, today, lang })} · ${number}`;
}

function formatDay(
  day: string,
  { strings, today, lang }: { strings: GalleryStrings; today: string; lang: string },
): string {
  if (day === '') {
    return strings.unknownDay;
  }
  if (day === today) {
    return strings.today;
  }
  // At noon in Greenwich, so that the day is the same whatever the time zone of the page.
  const date = new Date(`${day}T12:00:00Z`);
  if (Number.isNaN(date.getTime())) {
    return day;
  }
  const next = new Date(date.getTime() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
  return next === today
    ? strings.yesterday
    : new Intl.DateTimeFormat(toLocale(lang), { dateStyle: 'full', timeZone: 'UTC' }).format(date);
}

export function formatNumber(value: number, lang: string): string {
  return new Intl.NumberFormat(toLocale(lang)).format(value);
}

/** `Intl` does not know every display language, such as pseudo-locales. */
function toLocale(lang: string): string {
  try {
    return Intl.getCanonicalLocales(lang)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
