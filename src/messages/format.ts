import * as vscode from 'vscode';
import { getModelTitle } from '../api/models';
import { toSingleLine } from '../common/text';
import type { TaskRecord } from '../tasks/model/taskRecord';
import type { Estimate } from '../tasks/polling/remainingTime';

/** Names, numbers, amounts and times as users read them, in the language of VS Code. */

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Display languages such as pseudo-locales are unknown to Intl. */
const locale = (() => {
  try {
    return Intl.getCanonicalLocales(vscode.env.language)[0] ?? 'en';
  } catch {
    return 'en';
  }
})();

const wholeNumber = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const kopecks = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const oneDigit = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const dateTime = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/**
 * The name of a task: the first words of its prompt or, until the prompt is known, its id. One line, not yet escaped
 * for the place where it is shown.
 */
export function getTaskLabel({ id, request, gatewayId }: TaskRecord, maxChars: number): string {
  return toSingleLine(request.prompt, maxChars) || (gatewayId ?? id);
}

/** `50 ₽`, `22.40 ₽`. The sign stands behind in both languages, as on the service's own pages. */
export function formatRoubles(roubles: number): string {
  const rounded = Math.round(roubles * 100) / 100;
  return `${(Number.isInteger(rounded) ? wholeNumber : kopecks).format(rounded)}\u00a0₽`;
}

/** A running clock: `0:07`, `12:30`; from an hour on `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
  if (seconds < 3600) {
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
  return hoursAndMinutes(seconds * SECOND_MS);
}

/** How long something still lasts, without seconds: `47 h 59 min`, `5 min`. */
export function formatTimeLeft(ms: number): string {
  if (ms < MINUTE_MS) {
    return vscode.l10n.t('less than a minute');
  }
  return hoursAndMinutes(ms);
}

export function formatDateTime(at: number): string {
  return dateTime.format(at);
}

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

/** A plain number, such as a count of characters. */
export function formatNumber(value: number): string {
  return oneDigit.format(value);
}

function hoursAndMinutes(ms: number): string {
  const hours = Math.floor(ms / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  return hours === 0 ? vscode.l10n.t('{0} min', minutes) : vscode.l10n.t('{0} h {1} min', hours, minutes);
}

/** Pixels, as people write them. */
export function formatPixels({ width, height }: { width: number; height: number }): string {
  return `${width} × ${height}`;
}

/** `Seedance 1 Pro · 1080P · 5 s`, or the id of a model that is not read. */
export function formatModelTitle(id: string): string {
  return getModelTitle(id, formatSeconds);
}

export function formatSeconds(seconds: number): string {
  return vscode.l10n.t('{0} s', seconds);
}

export function formatPrice(price: number | undefined): string {
  return price === undefined ? vscode.l10n.t('price unknown') : formatRoubles(price);
}

/** In words, no more exact than it is: `about 40 s left`, `10–30 s left`, `up to 15 s left`. */
export function formatRemainingTime({ leftMs, p20Ms: soonMs, p80Ms: lateMs }: Estimate): string {
  if (lateMs > MINUTES_FROM_MS) {
    const [soon, about, late] = [soonMs, leftMs, lateMs].map((ms) => Math.max(1, Math.round(ms / 60_000))) as Three;
    return isNarrow(soonMs, lateMs) || soon === late
      ? vscode.l10n.t('about {0} min left', about)
      : vscode.l10n.t('{0}–{1} min left', soon, late);
  }
  const [soon, about, late] = [soonMs, leftMs, lateMs].map(
    (ms) => Math.round(ms / STEP_MS) * (STEP_MS / 1000),
  ) as Three;
  if (soon === 0 || about === 0) {
    return vscode.l10n.t('up to {0} s left', Math.max(STEP_MS / 1000, late));
  }
  return isNarrow(soonMs, lateMs) || soon === late
    ? vscode.l10n.t('about {0} s left', about)
    : vscode.l10n.t('{0}–{1} s left', soon, late);
}

type Three = [soon: number, about: number, late: number];

/** Numbers that change every second look more certain than they are. */
const STEP_MS = 5_000;

const MINUTES_FROM_MS = 150_000;

/** Three of five tasks end within this factor: near enough for one number. */
const NARROW = 2.5;

const isNarrow = (soonMs: number, lateMs: number) => lateMs <= soonMs * NARROW;
