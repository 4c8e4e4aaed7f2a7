/** What the two halves of the idle row say to each other: one runs inside VS Code. */
export const RESULTS_VARIABLE = 'SEEDANCE_IDLE_RESULTS';
export const KEY_VARIABLE = 'SEEDANCE_IDLE_KEY';

export interface IdleCounts {
  /** Timers that the extension set, and that went off, within the minute. */
  readonly set: number;
  readonly fired: number;
  /** Those that go off again and again, and were not stopped. */
  readonly periodic: number;
  /** Set until the minute began: that there are some proves that they are counted. */
  readonly before: number;
}
