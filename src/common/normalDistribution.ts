/** The standard normal distribution with relative errors below 1e-6, which is enough for polling. */

const ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

export function normalDensity(z: number): number {
  return Math.exp((-z * z) / 2) / ROOT_TWO_PI;
}

/** The probability of a value above `z`. After Chebyshev's fit of erfc in Numerical Recipes (`erfcc`). */
export function normalSurvival(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const sum = COEFFICIENTS.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  const tail = (t * Math.exp(-x * x + sum)) / 2;
  return z >= 0 ? tail : 1 - tail;
}

const COEFFICIENTS = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

/** The value that is exceeded with this probability. By bisection, as it is called seldom. */
export function normalQuantile(chance: number): number {
  let low = -9;
  let high = 9;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (normalSurvival(middle) > chance) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return (low + high) / 2;
}
