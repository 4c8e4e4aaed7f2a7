/** Replaces `{0}`, `{1}`, … Numbers are localized. */
export function fill(text: string, ...values: (string | number)[]): string {
  return text.replace(/\{(\d)\}/g, (_, index: string) => {
    const value = values[Number(index)] ?? '';
    return typeof value === 'number' ? value.toLocaleString(document.documentElement.lang) : value;
  });
}

const UNITS = ['kilobyte', 'megabyte'] as const;

/** Two digits are as many as an estimate has: `420 kB`, `1.3 MB`. */
export function formatAbout(bytes: number): string {
  const kilobytes = bytes / 1024;
  const [value, unit] = kilobytes < 1000 ? [kilobytes, UNITS[0]] : [kilobytes / 1024, UNITS[1]];
  return Number(value.toPrecision(2)).toLocaleString(document.documentElement.lang, {
    style: 'unit',
    unit,
    maximumFractionDigits: value < 10 ? 1 : 0,
  });
}
