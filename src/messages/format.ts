import * as vscode from 'vscode';
import { getModelTitle } from '../api/models';
import { isSameDay } from '../common/days';
import { escapeForNotification, getFirstLine, toSingleLine } from '../common/text';
import type { PromptTakes } from '../tasks/model/promptTakes';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { Estimate } from '../tasks/polling/remainingTime';

/** Formats names, numbers, amounts and times in the display language of VS Code. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Falls back to English for display languages that `Intl` does not know, such as pseudo-locales. */
export const locale = (() => {
  try {
    return Intl.getCanonicalLocales(vscode.env.language)[0] ?? 'en';
  } catch {
    return 'en';
  }
})();

const wholeNumber = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const kopecks = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const timeOfDay = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/**
 * Returns the name of a task: the first words of its prompt, or its id while the prompt is unknown. One line, not escaped
 * for the place where it is shown.
 */
export function getTaskLabel({ id, request, gatewayId }: TaskRecord, maxChars: number): string {
  return toSingleLine(request.prompt, maxChars) || (gatewayId ?? id);
}

/**
 * Returns the title of a task where it stands among others: the first line of its prompt, or its id, marked as one, while
 * the prompt is unknown.
 */
export function getTaskTitle({ id, request, gatewayId }: TaskRecord, maxChars = TITLE_MAX_CHARS): string {
  return getFirstLine(request.prompt, maxChars) || vscode.l10n.t('Task {0}', toSingleLine(gatewayId ?? id, maxChars));
}

const NAMES_SHOWN = 3;

/** Which of the takes of their prompt tasks are. Without it, they are not told apart. */
export type TakeNumbers = Pick<PromptTakes, 'takeOf'> | undefined;

/** `Take 2 of 3`; `undefined` for the only task of its prompt. */
export function formatTake({ id }: TaskRecord, takes: TakeNumbers): string | undefined {
  const take = takes?.takeOf(id);
  return take && vscode.l10n.t('Take {0} of {1}', take.number, take.count);
}

/**
 * Names a task in a sentence of a notification or a dialog. A prompt stands in quotation marks, an id does not; takes of one
 * prompt have their number.
 */
export function formatTaskName(record: TaskRecord, takes: TakeNumbers): string {
  const label = escapeForNotification(getTaskLabel(record, NAME_MAX_CHARS));
  const name = record.request.prompt === '' ? label : vscode.l10n.t('“{0}”', label);
  const take = takes?.takeOf(record.id);
  return take ? vscode.l10n.t('{0} (take {1} of {2})', name, take.number, take.count) : name;
}

/** Names tasks in a sentence of a notification or a dialog: up to three, then how many more. */
export function formatTaskNames(records: readonly TaskRecord[], takes: TakeNumbers): string {
  const names = records
    .slice(0, NAMES_SHOWN)
    .map((record) => formatTaskName(record, takes))
    .join(', ');
  const more = records.length - NAMES_SHOWN;
  return more > 0 ? vscode.l10n.t('{0} and more: {1}', names, more) : names;
}

const NAME_MAX_CHARS = 60;

/** More than any window shows. What is seen is cut by VS Code, and its search finds the rest. */
const TITLE_MAX_CHARS = 300;

/** Formats an age no more precisely than it is needed to tell two things apart: `5 min`, `3 h`, `2 d`. */
export function formatAge(ms: number): string {
  if (ms < MINUTE_MS) {
    return vscode.l10n.t('just now');
  }
  if (ms < HOUR_MS) {
    return vscode.l10n.t('{0} min', Math.floor(ms / MINUTE_MS));
  }
  return ms < DAY_MS
    ? vscode.l10n.t('{0} h', Math.floor(ms / HOUR_MS))
    : vscode.l10n.t('{0} d', wholeNumber.format(Math.floor(ms / DAY_MS)));
}

/** Formats the days between two times, with the times of day if both are on one: `May 3 – Jun 12, 2026`. */
export function formatPeriod(from: number, to: number): string {
  if (Math.abs(from) > MAX_TIME_MS || Math.abs(to) > MAX_TIME_MS) {
    return '—';
  }
  const isOneDay = new Date(from).toDateString() === new Date(to).toDateString();
  return (isOneDay ? dateTime : day).formatRange(Math.min(from, to), Math.max(from, to));
}

/** Formats an amount: `50 ₽`, `22.40 ₽`. The sign follows the number in every language, as on the service's own pages. */
export function formatRoubles(roubles: number): string {
  const rounded = Math.round(roubles * 100) / 100;
  return `${(Number.isInteger(rounded) ? wholeNumber : kopecks).format(rounded)}\u00a0₽`;
}

/** Formats an elapsed time: `0:07`, `12:30`; from one hour on `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
  return formatHoursAndMinutes(seconds * SECOND_MS);
}

/** Formats a remaining time without seconds: `47 h 59 min`, `5 min`. */
export function formatTimeLeft(ms: number): string {
  if (ms < MINUTE_MS) {
    return vscode.l10n.t('less than a minute');
  }
  return formatHoursAndMinutes(ms);
}

/**
 * Never throws: a record on the disk may say anything, and a list that cannot be drawn for one row is no list.
 *
 * @param at milliseconds since the epoch
 */
export function formatDateTime(at: number): string {
  return Math.abs(at) <= MAX_TIME_MS ? dateTime.format(at) : '—';
}

/** Of a date, from 1970 on or back (documented by ECMAScript). */
export const MAX_TIME_MS = 8.64e15;

/**
 * Formats when something is tried again: `in 40 s`, `at 14:05`, with the date on another day. `undefined` when it is due.
 *
 * @param at milliseconds since the epoch
 */
export function formatNextTry(at: number, now: number): string | undefined {
  const seconds = Math.ceil((at - now) / SECOND_MS);
  if (!(seconds > 0) || Math.abs(at) > MAX_TIME_MS) {
    return undefined;
  }
  if (seconds < 60) {
    return vscode.l10n.t('in {0} s', seconds);
  }
  return isSameDay(at, now)
    ? vscode.l10n.t('at {0}', timeOfDay.format(at))
    : vscode.l10n.t('on {0}', dateTime.format(at));
}

/** Formats a size in binary units: `512 B`, `3 KB`, `4.5 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) {
    return vscode.l10n.t('{0} B', wholeNumber.format(bytes));
  }
  if (bytes < 1024 * 1024) {
    return vscode.l10n.t('{0} KB', wholeNumber.format(bytes / 1024));
  }
  if (bytes < 1024 ** 3) {
    return vscode.l10n.t('{0} MB', oneDigit.format(bytes / 1024 ** 2));
  }
  return vscode.l10n.t('{0} GB', oneDigit.format(bytes / 1024 ** 3));
}

/** Formats a frame rate: `24`, `23.98`. */
export function formatFrameRate(framesPerSecond: number): string {
  return twoDigits.format(framesPerSecond);
}

/** Formats a number, such as a count of characters. */
export function formatNumber(value: number): string {
  return oneDigit.format(value);
}

function formatHoursAndMinutes(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  return hours === 0 ? vscode.l10n.t('{0} min', minutes) : vscode.l10n.t('{0} h {1} min', hours, minutes);
}

/** Formats a size in pixels: `1920 × 1080`. */
export function formatPixels({ width, height }: { width: number; height: number }): string {
  return `${width} × ${height}`;
}

/** Formats the id of a model: `Seedance 1 Pro · 1080P · 5 s`. Returns ids of an unknown form unchanged. */
export function formatModelTitle(id: string): string {
  return getModelTitle(id, formatSeconds);
}

export function formatSeconds(seconds: number): string {
  return vscode.l10n.t('{0} s', seconds);
}

/** Formats a price in roubles, or says that it is not known. */
export function formatPrice(price: number | undefined): string {
  return price === undefined ? vscode.l10n.t('price unknown') : formatRoubles(price);
}

/** Formats an estimate no more precisely than it is: `about 40 s left`, `10–30 s left`, `up to 15 s left`. */
export function formatRemainingTime({ leftMs, p20Ms, p80Ms }: Estimate): string {
  if (p80Ms > MINUTES_FROM_MS) {
    const [soon, about, late] = [p20Ms, leftMs, p80Ms].map((ms) => Math.max(1, Math.round(ms / 60_000))) as Three;
    return isNarrow(p20Ms, p80Ms) || soon === late
      ? vscode.l10n.t('about {0} min left', about)
      : vscode.l10n.t('{0}–{1} min left', soon, late);
  }
  const [soon, about, late] = [p20Ms, leftMs, p80Ms].map((ms) => Math.round(ms / STEP_MS) * (STEP_MS / 1000)) as Three;
  if (soon === 0 || about === 0) {
    return vscode.l10n.t('up to {0} s left', Math.max(STEP_MS / 1000, late));
  }
  return isNarrow(p20Ms, p80Ms) || soon === late
    ? vscode.l10n.t('about {0} s left', about)
    : vscode.l10n.t('{0}–{1} s left', soon, late);
}

type Three = [soon: number, about: number, late: number];

/** Rounded to steps, because numbers that change every second look more precise than they are. */
const STEP_MS = 5_000;

/** Longer times are shown in minutes. */
const MINUTES_FROM_MS = 150_000;

/** If the estimated interval is within this factor, one number is precise enough. Three of five tasks end in it. */
const NARROW = 2.5;

const isNarrow = (p20Ms: number, p80Ms: number) => p80Ms <= p20Ms * NARROW;
