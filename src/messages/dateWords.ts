import * as vscode from 'vscode';
import { locale, MAX_TIME_MS } from './format';

const DAY_MS = 24 * 60 * 60 * 1000;

const longDay = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
const shortDay = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const monthName = new Intl.DateTimeFormat(locale, { month: 'long' });

/** All words for the day of a time that a user may look for: `Wednesday, November 25, 2026`, `2026-11-25`, `today`. */
export function getDateWords(at: number, now: number): string {
  if (Math.abs(at) > MAX_TIME_MS) {
    return '';
  }
  const date = new Date(at);
  const number = (value: number) => String(value).padStart(2, '0');
  const [month, dayOfMonth] = [number(date.getMonth() + 1), number(date.getDate())];
  const relative = [
    [0, vscode.l10n.t('today')],
    [1, vscode.l10n.t('yesterday')],
  ] as const;
  return [
    longDay.format(at),
    shortDay.format(at),
    // Also as it is named by itself, which differs in Russian.
    monthName.format(at),
    `${date.getFullYear()}-${month}-${dayOfMonth}`,
    `${dayOfMonth}.${month}.${date.getFullYear()}`,
    ...relative.flatMap(([daysAgo, word]) =>
      new Date(now - daysAgo * DAY_MS).toDateString() === date.toDateString() ? word : [],
    ),
  ].join('\n');
}
