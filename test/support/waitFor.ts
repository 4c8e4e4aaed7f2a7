/** Waits until `condition` returns something truthy, and returns that. */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { withinMs = 5_000, what = String(condition) }: { withinMs?: number; what?: string } = {},
): Promise<NonNullable<T>> {
  for (const deadline = performance.now() + withinMs; ;) {
    const value = await condition();
    if (value) {
      return value;
    }
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
