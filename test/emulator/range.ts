/** Bytes `start` to `end`, both included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * What a Range header asks of `length` bytes (RFC 9110, 14.2). `undefined`: no range, or one that is
 * not understood and therefore ignored, such as several at once.
 */
export function readRange(header: string | undefined, length: number): Span | 'unsatisfiable' | undefined {
  const [, first, last] = SINGLE_RANGE.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) {
    return undefined;
  }
  if (first === '') {
    const suffix = Math.min(Number(last), length);
    return suffix === 0 ? 'unsatisfiable' : { start: length - suffix, end: length - 1 };
  }
  const start = Number(first);
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1);
  if (last !== '' && Number(last) < start) {
    return undefined;
  }
  return start < length ? { start, end } : 'unsatisfiable';
}
