import { BACK, type Answer } from './steps';

/** One question of several: stores its answer by itself and says whether there was one. */
export type WizardStep = () => Promise<Answer<unknown>>;

/**
 * Asks questions in turn. Each may be gone back to, and finds there what was typed.
 *
 * @param stepsNow asked anew after each answer: what was said before decides what comes next
 * @returns whether all were answered; back from the first one and giving up are the same
 */
export async function askInTurn(stepsNow: () => readonly WizardStep[]): Promise<boolean> {
  for (let index = 0; ;) {
    const step = stepsNow()[index];
    if (step === undefined) {
      return true;
    }
    const answer = await step();
    if (answer === undefined || (answer === BACK && index === 0)) {
      return false;
    }
    index += answer === BACK ? -1 : 1;
  }
}
