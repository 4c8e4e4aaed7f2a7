import * as vscode from 'vscode';
import type { Estimate } from '../tasks/estimate';

/** In words, no more exact than it is: `about 40 s left`, `10–30 s left`, `up to 15 s left`. */
export function timeLeftText({ leftMs, soonMs, lateMs }: Estimate): string {
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
