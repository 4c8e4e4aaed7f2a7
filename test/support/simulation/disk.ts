/** A disk in memory that can lose power, and be full. As strict as POSIX lets a disk be, and no stricter. */

export interface File {
  readonly kind: 'file';
  data: Buffer;
  /** What is there after a power cut for certain; `undefined` before the first `sync`. */
  synced: Buffer | undefined;
  mtimeMs: number;
  links: number;
  readonly ino: number;
}

export interface Folder {
  readonly kind: 'folder';
  readonly entries: Map<string, Node>;
  mtimeMs: number;
  /** Changes of names since the last `sync` of the folder, in their order. */
  unsynced: { name: string; before: Node | undefined }[];
}

export type Node = File | Folder;

export interface Stats {
  size: number;
  mtimeMs: number;
  nlink: number;
  ino: number;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

const BLOCK_BYTES = 4096;
const blocks = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

export interface DiskOptions {
  /** Wall clock, for times of files. */
  now: () => number;
  random: () => number;
}

/** Every method is one step that a kill cannot divide. Paths are absolute, with `/`. */
export class MemoryDisk {
  /** Bytes; counted only while it is finite. */
  free = Infinity;
  /** Told of each name that comes or goes, with what went. */
  onName: ((folder: string, name: string, gone?: Node) => void) | undefined;
  readonly #options: DiskOptions;
  #lastIno = 1;
  readonly #root: Folder = { kind: 'folder', entries: new Map(), mtimeMs: 0, unsynced: [] };

  constructor(options: DiskOptions) {
    this.#options = options;
  }

  /** With those above it. Gives the first that was made. */
  mkdir(path: string): string | undefined {
    let folder = this.#root;
    let first: string | undefined;
    let at = '';
    for (const name of partsOf(path)) {
      at += `/${name}`;
      let next = folder.entries.get(name);
      if (!next) {
        first ??= at;
        next = this.#enter(folder, '', name, {
          kind: 'folder',
          entries: new Map(),
          mtimeMs: this.#options.now(),
          unsynced: [],
        });
      }
      if (next.kind === 'file') {
        throw fail('EEXIST', 'mkdir', path);
      }
      folder = next;
    }
    return first;
  }

  names(path: string): string[] {
    return [...this.#folder(path, 'scandir').entries.keys()];
  }

  /** Opens or makes a file. */
  open(path: string, flags: 'r' | 'r+' | 'w' | 'wx'): File {
    const found = this.#find(path);
    if (found?.kind === 'folder') {
      throw fail('EISDIR', 'open', path);
    }
    if (found) {
      if (flags === 'wx') {
        throw fail('EEXIST', 'open', path);
      }
      if (flags === 'w') {
        this.#resize(found, Buffer.alloc(0), path);
      }
      return found;
    }
    if (flags === 'r' || flags === 'r+') {
      throw fail('ENOENT', 'open', path);
    }
    if (this.free <= 0) {
      throw fail('ENOSPC', 'open', path);
    }
    const [folder, name] = this.#parent(path, 'open');
    const file: File = {
      kind: 'file',
      data: Buffer.alloc(0),
      synced: undefined,
      mtimeMs: this.#options.now(),
      links: 1,
      ino: ++this.#lastIno,
    };
    this.#enter(folder, path, name, file);
    return file;
  }

  write(file: File, bytes: Uint8Array, position: number, path: string): void {
    const data = Buffer.alloc(Math.max(file.data.length, position + bytes.length));
    file.data.copy(data);
    data.set(bytes, position);
    this.#resize(file, data, path);
  }

  sync(node: Node): void {
    if (node.kind === 'file') {
      node.synced = node.data;
    } else {
      node.unsynced = [];
    }
  }

  link(from: string, to: string): void {
    const [folder, name] = this.#parent(to, 'link');
    const file = this.#file(from, 'link');
    if (folder.entries.has(name)) {
      throw fail('EEXIST', 'link', to);
    }
    file.links++;
    this.#enter(folder, to, name, file);
  }

  unlink(path: string): void {
    const [folder, name] = this.#parent(path, 'unlink');
    const file = this.#file(path, 'unlink');
    this.#leave(folder, path, name);
    this.#unlinked(file);
  }

  rmdir(path: string): void {
    const [parent, name] = this.#parent(path, 'rmdir');
    if (this.#folder(path, 'rmdir').entries.size > 0) {
      throw fail('ENOTEMPTY', 'rmdir', path);
    }
    this.#leave(parent, path, name);
  }

  rename(from: string, to: string): void {
    const [fromFolder, fromName] = this.#parent(from, 'rename');
    const [toFolder, toName] = this.#parent(to, 'rename');
    const file = this.#file(from, 'rename');
    const replaced = toFolder.entries.get(toName);
    if (replaced === file) {
      return;
    }
    if (replaced?.kind === 'folder') {
      throw fail('EISDIR', 'rename', to);
    }
    this.#enter(toFolder, to, toName, file);
    this.#leave(fromFolder, from, fromName);
    if (replaced) {
      this.#unlinked(replaced);
    }
  }

  stat(path: string): Stats {
    const node = this.#find(path);
    if (!node) {
      throw fail('ENOENT', 'stat', path);
    }
    return {
      size: node.kind === 'file' ? node.data.length : 0,
      mtimeMs: node.mtimeMs,
      nlink: node.kind === 'file' ? node.links : 1,
      ino: node.kind === 'file' ? node.ino : 1,
      isFile: () => node.kind === 'file',
      isDirectory: () => node.kind === 'folder',
      isSymbolicLink: () => false,
    };
  }

  utimes(path: string, mtimeMs: number): void {
    this.#file(path, 'utime').mtimeMs = mtimeMs;
  }

  read(path: string): Buffer {
    return this.#file(path, 'open').data;
  }

  node(path: string): Node {
    const node = this.#find(path);
    if (!node) {
      throw fail('ENOENT', 'open', path);
    }
    return node;
  }

  /** Power is cut: of what was not synced, anything may be there, in the order in which it was done. */
  losePower(): void {
    this.#loseIn(this.#root, new Set());
  }

  #loseIn(folder: Folder, seen: Set<Node>): void {
    const { random } = this.#options;
    for (let lost = Math.floor(random() * (folder.unsynced.length + 1)); lost > 0; lost--) {
      const { name, before } = folder.unsynced.pop()!;
      if (before) {
        folder.entries.set(name, before);
      } else {
        folder.entries.delete(name);
      }
    }
    folder.unsynced = [];
    for (const node of folder.entries.values()) {
      if (node.kind === 'folder') {
        this.#loseIn(node, seen);
      } else if (!seen.has(node)) {
        seen.add(node);
        this.#loseData(node);
      }
    }
  }

  #loseData(file: File): void {
    const { random } = this.#options;
    if (file.synced === file.data || random() < 0.3) {
      file.synced = file.data;
      return;
    }
    const whole = file.data;
    if (random() < 0.3) {
      file.data = file.synced ?? Buffer.alloc(0);
    } else if (random() < 0.5) {
      // The size was written, and not all that it counts.
      const data = Buffer.alloc(whole.length);
      whole.copy(data, 0, 0, Math.floor(random() * whole.length));
      file.data = data;
    } else {
      file.data = whole.subarray(0, Math.floor(random() * whole.length));
    }
    file.synced = file.data;
  }

  #resize(file: File, data: Buffer, path: string): void {
    const more = blocks(data.length) - blocks(file.data.length);
    if (more > this.free) {
      throw fail('ENOSPC', 'write', path);
    }
    this.free -= more;
    file.data = data;
    file.mtimeMs = this.#options.now();
  }

  #unlinked(file: File): void {
    file.links--;
    if (file.links === 0) {
      this.free += blocks(file.data.length);
    }
  }

  #enter<T extends Node>(folder: Folder, path: string, name: string, node: T): T {
    folder.unsynced.push({ name, before: folder.entries.get(name) });
    folder.entries.set(name, node);
    folder.mtimeMs = this.#options.now();
    this.#tell(path);
    return node;
  }

  #leave(folder: Folder, path: string, name: string): void {
    const gone = folder.entries.get(name);
    folder.unsynced.push({ name, before: gone });
    folder.entries.delete(name);
    folder.mtimeMs = this.#options.now();
    this.#tell(path, gone);
  }

  #tell(path: string, gone?: Node): void {
    if (path !== '') {
      const at = path.lastIndexOf('/');
      this.onName?.(path.slice(0, at), path.slice(at + 1), gone);
    }
  }

  #find(path: string): Node | undefined {
    let node: Node = this.#root;
    for (const name of partsOf(path)) {
      const next: Node | undefined = node.kind === 'folder' ? node.entries.get(name) : undefined;
      if (!next) {
        return undefined;
      }
      node = next;
    }
    return node;
  }

  #folder(path: string, call: string): Folder {
    const node = this.#find(path);
    if (node?.kind !== 'folder') {
      throw fail(node ? 'ENOTDIR' : 'ENOENT', call, path);
    }
    return node;
  }

  #file(path: string, call: string): File {
    const node = this.#find(path);
    if (node?.kind !== 'file') {
      throw fail(node ? 'EISDIR' : 'ENOENT', call, path);
    }
    return node;
  }

  #parent(path: string, call: string): [Folder, string] {
    const at = path.lastIndexOf('/');
    const folder = this.#find(path.slice(0, at));
    if (folder?.kind !== 'folder') {
      throw fail('ENOENT', call, path);
    }
    return [folder, path.slice(at + 1)];
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '');

/** As Node makes them. */
export function fail(code: string, syscall: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, syscall, path });
}
