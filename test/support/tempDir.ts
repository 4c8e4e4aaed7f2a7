import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new empty folder for one test; removed by {@link removeTempDir}. */
export function makeTempDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'seedance-test-'));
}

export async function removeTempDir(place: string): Promise<void> {
  await rm(place, { recursive: true, force: true, maxRetries: 3 });
}

/** Every file below a folder: its path from there, and what is in it. */
export async function filesIn(place: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(place, { recursive: true })).sort()) {
    const path = join(place, name);
    // Files come and go while windows are at work.
    const bytes = await stat(path)
      .then((s) => (s.isFile() ? readFile(path) : undefined))
      .catch(() => undefined);
    if (bytes) {
      files.set(name, bytes);
    }
  }
  return files;
}

/** Waits until `condition` gives something true, and gives that. */
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
