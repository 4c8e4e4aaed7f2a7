/** What the bench says: figures with their limits, as a table and as JSON. */
import os from 'node:os';

export interface Figure {
  /** The row of the promise: `small`, `asks little`, … */
  readonly claim: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Absent: told for comparison, promised nothing. */
  readonly limit?: { readonly atMost: number } | { readonly atLeast: number };
}

export interface Report {
  readonly at: string;
  readonly machine: Machine;
  readonly figures: readonly Figure[];
  /** What could not be measured here, and why. */
  readonly missing: readonly string[];
}

export interface Machine {
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  /** Of the last minute when the bench began: figures of a busy machine are ratios at best. */
  readonly load: number;
}

export function thisMachine(): Machine {
  const cpus = os.cpus();
  return {
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    cpu: cpus[0]?.model ?? 'unknown',
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 1024 ** 3),
    node: process.version,
    load: Math.round((os.loadavg()[0] ?? 0) * 10) / 10,
  };
}

export function holds({ value, limit }: Figure): boolean | undefined {
  if (!limit) return undefined;
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

export function table({ figures, missing }: Pick<Report, 'figures' | 'missing'>): string {
  const rows = figures.map((figure) => [
    figure.claim,
    figure.what,
    `${plain(figure.value)} ${figure.unit}`.trim(),
    figure.limit
      ? 'atMost' in figure.limit
        ? `≤ ${plain(figure.limit.atMost)}`
        : `≥ ${plain(figure.limit.atLeast)}`
      : '',
    { true: 'yes', false: 'NO', undefined: '' }[String(holds(figure)) as 'true' | 'false' | 'undefined'],
  ]);
  const head = ['claim', 'what', 'measured', 'must be', 'holds'];
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [
    line(head),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
    ...missing.map((text) => `\nNot measured: ${text}`),
  ].join('\n');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function plain(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}
