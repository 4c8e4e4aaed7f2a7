import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

type Promises = typeof fs.promises;

/** As Node makes them. */
export function systemError(code: string, syscall = 'read'): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

/** Replaces calls of Node's, for all modules, until the function that is given back is called. */
export function patchFs(promises: Partial<Promises>, more: Partial<Pick<typeof fs, 'watch'>> = {}): () => void {
  const before = { promises: { ...fs.promises }, watch: fs.watch };
  Object.assign(fs.promises, promises);
  Object.assign(fs, more);
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs.promises, before.promises);
    fs.watch = before.watch;
    syncBuiltinESMExports();
  };
}

/** Reads of paths that match fail with `code`. */
export function failReads(pattern: RegExp, code: string): () => void {
  const { readFile, open, stat, readdir } = fs.promises;
  const failing = (call: (...args: never[]) => Promise<unknown>) =>
    ((...args: never[]) =>
      pattern.test(String(args[0])) ? Promise.reject(systemError(code)) : call(...args)) as never;
  return patchFs({
    readFile: failing(readFile),
    stat: failing(stat),
    readdir: failing(readdir),
    open: ((path: string, flags: string, ...rest: never[]) =>
      pattern.test(path) && flags === 'r' ? Promise.reject(systemError(code)) : open(path, flags, ...rest)) as never,
  });
}

/** A disk without hard links. */
export function failLinks(code: string): () => void {
  return patchFs({ link: () => Promise.reject(systemError(code, 'link')) });
}

/** Handles of files that match are changed as they are opened. */
export function changeHandles(change: (handle: FileHandle, path: string) => void): () => void {
  const { open } = fs.promises;
  return patchFs({
    open: (async (path: string, ...rest: never[]) => {
      const handle = await open(path, ...rest);
      change(handle, path);
      return handle;
    }) as never,
  });
}

/** Counts listings, by the last part of the folder's path. */
export function countListings(): { counts: Map<string, number>; restore: () => void } {
  const counts = new Map<string, number>();
  const { readdir } = fs.promises;
  const restore = patchFs({
    readdir: ((path: string, ...rest: never[]) => {
      const name = path.split(/[\\/]/).at(-1)!;
      counts.set(name, (counts.get(name) ?? 0) + 1);
      return (readdir as (...args: unknown[]) => unknown)(path, ...rest);
    }) as never,
  });
  return { counts, restore };
}
