/** A storyboard as the format describes it, for tests to change. */
import { BUILT_IN_MODELS } from '../../src/api/models';
import { checkStoryboard, type CheckContext } from '../../src/storyboard/check';
import { parseStoryboard } from '../../src/storyboard/parse';
import type { Problem } from '../../src/storyboard/problem';
import { resolveStoryboard, type ResolvedStoryboard } from '../../src/storyboard/resolve';

export const LETTER = `---
model: seedance-1-5-pro-audio-720P-5s
ratio: "9:16"
style: Soft natural light, shallow depth of field, film grain.
---
# The letter

Notes for ourselves: rain in every exterior.

## Cast
- **Vera**: a young woman with long black hair and a cream sweater. ![](cast/vera.png)
- **Lighthouse**: a white lighthouse with one red stripe.

## Shot 1: Late night
- first frame: ![](frames/desk.png)
- model: seedance-1-pro-720P-10s

> Close-up of @Vera at a wooden desk. She turns to the rain on the window. Slow push in.

## Shot 2: Rain
- continue: Shot 1
- take: [take 2](seedance/the-letter/shot-2-take-2.mp4)

> @Vera waits under a clear umbrella. Static camera. She says: "It rained so hard that year."
`;

export const CONTEXT: CheckContext = {
  defaults: { model: 'seedance-1-pro-1080P-5s', aspectRatio: '16:9' },
  models: BUILT_IN_MODELS,
  areModelsLive: true,
  promptChecks: true,
  image: () => undefined,
  hasVideo: () => undefined,
  isFolder: (path) => !path.includes('..'),
};

export function resolve(text: string, context: Partial<CheckContext> = {}): ResolvedStoryboard {
  return resolveStoryboard(parseStoryboard(text), { ...CONTEXT, ...context });
}

export function check(text: string, context: Partial<CheckContext> = {}): Problem[] {
  const whole = { ...CONTEXT, ...context };
  return checkStoryboard(text, resolve(text, whole), whole);
}

/** A film of so many shots, each continuing the one before it in every third place. */
export function longFilm(shots: number): string {
  const parts = [
    '---\nstyle: Film grain.\n---\n# A long film\n\n## Cast\n- **Vera**: a young woman in a cream sweater.\n',
  ];
  for (let n = 1; n <= shots; n++) {
    parts.push(
      `\n## Shot ${n}: Part ${n}\n${n % 3 === 0 ? `- continue: Shot ${n - 1}\n` : ''}- duration: 5\n\n` +
        `> Close-up of @Vera in room ${n}. She turns slowly to the window, and the rain runs\n> down the glass. Slow push in.\n`,
    );
  }
  return parts.join('');
}
