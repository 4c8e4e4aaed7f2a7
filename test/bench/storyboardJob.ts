/** What the two halves of the row about storyboards say to each other: one runs inside VS Code. */
export const RESULTS_VARIABLE = 'SEEDANCE_STORYBOARD_RESULTS';

export const SHOTS = 300;

export interface StoryboardCosts {
  /** Milliseconds of processor for each key. */
  readonly film: readonly number[];
  /** The same in a file of the same text and another name. */
  readonly plain: readonly number[];
  /** Scripts of the extension that were loaded while that file was open. */
  readonly loaded: number;
}
