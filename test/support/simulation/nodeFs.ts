/** Takes the place of `node:fs`, `node:fs/promises` and `node:os` in the bundle of the simulation. */
import { fail, type File, type Stats } from './disk';
import { theMachine } from './machine';

export const constants = { COPYFILE_EXCL: 1 };

type Flags = 'r' | 'r+' | 'w' | 'wx';
const step = <T>(work: (disk: ReturnType<typeof theMachine>['disk']) => T): Promise<T> => {
  const machine = theMachine();
  return machine.job(() => work(machine.disk));
};
/** A step that a disk with a passing fault refuses. */
const reading = <T>(call: string, path: string, work: (disk: ReturnType<typeof theMachine>['disk']) => T): Promise<T> =>
  step((disk) => {
    theMachine().maybeFail(call, path);
    return work(disk);
  });
const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data);

class Handle {
  constructor(
    readonly path: string,
    readonly file: File | undefined,
  ) {}

  async writeFile(data: string | Uint8Array): Promise<void> {
    const bytes = bytesOf(data);
    // A kill may come in the middle of a long write, or a stall.
    const half = bytes.length >> 1;
    await step((disk) => disk.write(this.file!, bytes.subarray(0, half), 0, this.path));
    await theMachine().maybeStall();
    await step((disk) => disk.write(this.file!, bytes.subarray(half), half, this.path));
  }

  async write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }> {
    await step((disk) => disk.write(this.file!, bytes.subarray(offset, offset + length), position, this.path));
    return { bytesWritten: length };
  }

  read(buffer: Buffer, offset: number, length: number, position: number): Promise<{ bytesRead: number }> {
    return step(() => ({ bytesRead: this.file!.data.copy(buffer, offset, position, position + length) }));
  }

  stat(): Promise<{ size: number }> {
    return step(() => ({ size: this.file!.data.length }));
  }

  sync(): Promise<void> {
    return step((disk) => {
      const code = theMachine().flushing[this.file ? 'file' : 'folder'];
      if (code !== undefined) {
        throw fail(code, 'fsync', this.path);
      }
      disk.sync(this.file ?? disk.node(this.path));
    });
  }

  datasync(): Promise<void> {
    return this.sync();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export function open(path: string, flags: Flags): Promise<Handle> {
  return step((disk) => {
    const isFolder = flags === 'r' && disk.node(path).kind === 'folder';
    theMachine().maybeFail(flags !== 'r' ? '' : isFolder ? 'opendir' : 'open', path);
    if (isFolder && theMachine().flushing.opensNoFolder !== undefined) {
      throw fail(theMachine().flushing.opensNoFolder!, 'open', path);
    }
    return new Handle(path, isFolder ? undefined : disk.open(path, flags));
  });
}

export async function writeFile(
  path: string,
  data: string | Uint8Array,
  { flag = 'w' }: { flag?: Flags } = {},
): Promise<void> {
  await (await open(path, flag)).writeFile(data);
}

export function readFile(path: string, encoding?: BufferEncoding): Promise<string | Buffer> {
  return reading('open', path, (disk) =>
    encoding === undefined ? disk.read(path) : disk.read(path).toString(encoding),
  );
}

export async function readdir(path: string): Promise<string[]> {
  const machine = theMachine();
  machine.listings.set(path, (machine.listings.get(path) ?? 0) + 1);
  if (!machine.slowListings) {
    return reading('scandir', path, (disk) => disk.names(path));
  }
  // Any half may come first, as with names that are kept by their hashes.
  const first = (name: string): boolean =>
    (Buffer.from(name).reduce((sum, byte) => sum * 31 + byte, machine.steps) & 4) > 0;
  const half = await reading('scandir', path, (disk) => disk.names(path).filter(first));
  return [...half, ...(await step((disk) => disk.names(path).filter((name) => !first(name))))];
}

export const mkdir = (path: string): Promise<string | undefined> => step((disk) => disk.mkdir(path));
export const link = (from: string, to: string): Promise<void> =>
  step((disk) => {
    const { noLinks, losesLinkAnswers, random } = theMachine();
    if (noLinks !== undefined) {
      throw fail(noLinks, 'link', to);
    }
    disk.link(from, to);
    if (losesLinkAnswers && random.next() < 0.2) {
      throw fail(random.next() < 0.5 ? 'EEXIST' : 'EIO', 'link', to);
    }
  });
export const rmdir = (path: string): Promise<void> => step((disk) => disk.rmdir(path));
export const unlink = (path: string): Promise<void> => step((disk) => disk.unlink(path));
export const rename = (from: string, to: string): Promise<void> => step((disk) => disk.rename(from, to));
export const stat = (path: string): Promise<Stats> => reading('stat', path, (disk) => disk.stat(path));
/** There are no symbolic links on this disk. */
export const lstat = (path: string): Promise<Stats> => stat(path);
export const utimes = (path: string, _atime: Date, mtime: Date): Promise<void> =>
  step((disk) => disk.utimes(path, mtime.getTime()));
/** In two pieces, as a kill or another writer may come between. */
export async function copyFile(from: string, to: string): Promise<void> {
  const source = await open(from, 'r');
  const target = await open(to, 'w');
  const { size } = await source.stat();
  const half = size >> 1;
  for (const [start, length] of [
    [0, half],
    [half, size - half],
  ] as const) {
    if (start > 0) {
      await theMachine().maybeStall();
    }
    const piece = Buffer.alloc(length);
    const { bytesRead } = await source.read(piece, 0, length, start);
    await target.write(piece, 0, bytesRead, start);
  }
}

export const readdirSync = (path: string): string[] => theMachine().disk.names(path);
export const unlinkSync = (path: string): void => theMachine().disk.unlink(path);
export const watch = (
  path: string,
  _options: object,
  callback: (event: string, name: string) => void,
): { close(): void } => theMachine().watch(path, callback);

/** Of `node:os`: seconds since the machine was switched on. */
export const uptime = (): number => (theMachine().time - theMachine().bootedAt) / 1000;
export const hostname = (): string => 'machine';
