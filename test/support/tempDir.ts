import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Creates an empty directory for one test; {@link removeTempDir} deletes it. */
export function makeTempDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'seedance-test-'));
}

export async function removeTempDir(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 3 });
}

/** Reads all files below a directory: content by relative path. */
export async function readFiles(directory: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    // Other processes may delete files meanwhile.
    const bytes = await stat(path)
      .then((s) => (s.isFile() ? readFile(path) : undefined))
      .catch(() => undefined);
    if (bytes) {
      files.set(name, bytes);
    }
  }
  return files;
}
