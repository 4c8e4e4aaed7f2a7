import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { FileHandle } from 'node:fs/promises';

/** What can be made to fail: functions of `node:fs/promises`, and what is done with a file that they opened. */
export type FaultyCall =
  'stat' | 'lstat' | 'realpath' | 'open' | 'link' | 'rename' | 'unlink' | 'readdir' | 'read' | 'write' | 'sync';

export interface DiskFault {
  calls: readonly FaultyCall[];
  code: string;
  /** Of the paths that the call is given: fails when one fits. */
  path: RegExp;
}

const OF_A_HANDLE = ['read', 'write', 'sync'] as const;

/**
 * Makes calls of the file system fail while a function runs, as a disk does that fails for a moment, a share that is
 * offline, or a file system that cannot do something.
 */
export async function withDiskFaults<T>(faults: readonly DiskFault[], run: () => Promise<T>): Promise<T> {
  const real = { ...fs.promises };
  const failing = (call: FaultyCall, ...paths: unknown[]) =>
    faults.find((fault) => fault.calls.includes(call) && paths.some((path) => fault.path.test(String(path))));
  const check = (call: FaultyCall, ...paths: unknown[]) => {
    const fault = failing(call, ...paths);
    if (fault) {
      throw Object.assign(new Error(`${fault.code}: injected, ${call}`), { code: fault.code, syscall: call });
    }
  };
  for (const call of ['stat', 'lstat', 'realpath', 'link', 'rename', 'unlink', 'readdir'] as const) {
    const original = real[call] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(fs.promises, {
      [call]: async (...args: unknown[]) => {
        check(call, ...args.slice(0, call === 'link' || call === 'rename' ? 2 : 1));
        return original(...args);
      },
    });
  }
  fs.promises.open = async (path, ...rest) => {
    check('open', path);
    const handle = await real.open(path, ...rest);
    for (const call of OF_A_HANDLE) {
      if (failing(call, path)) {
        Object.assign(handle, { [call]: () => Promise.resolve().then(() => check(call, path)) } as Partial<FileHandle>);
      }
    }
    return handle;
  };
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    Object.assign(fs.promises, real);
    syncBuiltinESMExports();
  }
}
