import type { ChargeableTask } from '../model/taskRecord';
import { getAmount, getChargeTime, getCharge } from './spending';

/** Spending as a table for a spreadsheet: one row a task that was, or may have been, charged. */

/** In the order in which they are written; also the titles, unless the caller gives others. */
export const CSV_COLUMNS = [
  'time',
  'charge',
  'model',
  'roubles',
  'basis',
  'quotedPrice',
  'cost',
  'state',
  'taskId',
  'prompt',
] as const;
export type CsvColumn = (typeof CSV_COLUMNS)[number];

export interface CsvStyle {
  /** A Russian Excel splits at `;` and takes `12,5` for a number, an English one splits at `,` and takes `12.5`. */
  separator: ',' | ';';
  titles?: Partial<Record<CsvColumn, string>>;
}

const PLAIN: CsvStyle = { separator: ',' };
/** Enough to know a task by. */
const MAX_PROMPT_CHARS = 200;

/**
 * Returns RFC 4180 text with a byte order mark, without which Excel does not read UTF-8.
 *
 * Oldest first. `charge` and `basis` are the values of `spending.ts`; an unknown amount is an empty cell.
 *
 * @param since only tasks charged at or after this time, milliseconds since 1970
 */
export function toSpendingCsv(records: readonly ChargeableTask[], style: CsvStyle = PLAIN, since = -Infinity): string {
  const rows = records
    .flatMap((record) => {
      const charge = getCharge(record);
      const at = getChargeTime(record);
      return charge === undefined || at < since ? [] : [{ at, cells: getCells(record, charge, at) }];
    })
    .sort((a, b) => a.at - b.at)
    .map(({ cells }) => CSV_COLUMNS.map((column) => printCell(cells[column], style)));
  const titles = CSV_COLUMNS.map((column) => printCell(style.titles?.[column] ?? column, style));
  return `\ufeff${[titles, ...rows].map((row) => `${row.join(style.separator)}\r\n`).join('')}`;
}

type Cell = string | number | undefined;

function getCells(record: ChargeableTask, charge: string, at: number): Record<CsvColumn, Cell> {
  const { roubles, basis } = getAmount(record);
  return {
    time: localTime(at),
    charge,
    model: record.request.model,
    roubles,
    basis,
    quotedPrice: record.quotedPrice,
    cost: record.cost,
    state: record.state,
    taskId: record.gatewayId ?? '',
    prompt: [...(record.request.prompt ?? '')].slice(0, MAX_PROMPT_CHARS).join(''),
  };
}

/** `2026-05-01 13:05:09` in local time, as the days of the sums are; spreadsheets read it as a date. */
function localTime(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) {
    return '';
  }
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function printCell(cell: Cell, { separator }: CsvStyle): string {
  if (cell === undefined) {
    return '';
  }
  if (typeof cell === 'string') {
    return quote(cell);
  }
  return separator === ';' ? printNumber(cell).replace('.', ',') : printNumber(cell);
}

/** Without exponent and without the noise of binary fractions. A negative amount is damage: no cell may begin with a minus. */
function printNumber(value: number): string {
  return value >= 0 && value < 1e15 ? value.toFixed(4).replace(/\.?0+$/, '') : '';
}

/** What begins a formula in Excel, LibreOffice or Google Sheets; the wide forms in East Asian editions. */
const FORMULA_START = /^[\s"']*[=+\-@＝＋－＠]/;
/** The same behind what a spreadsheet set to another separator takes for the beginning of a cell. */
const FORMULA_INSIDE = /([,;|])(?=[\s"]*[=+\-@＝＋－＠])/g;

/**
 * A text that a spreadsheet shows and never runs: prompts and ids are not ours. An apostrophe makes it text;
 * line breaks and tabs become spaces, so that a careless reader finds no further cell to begin.
 */
function quote(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').replace(FORMULA_INSIDE, "$1'");
  const safe = FORMULA_START.test(line) ? `'${line}` : line;
  return `"${safe.replaceAll('"', '""')}"`;
}
