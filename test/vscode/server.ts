/** Starts and ends VS Code's server. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { installVsCode } from './install';
import { descendants } from './processes';
import type { Sandbox } from './sandbox';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

export interface ServerOptions {
  /** Added to the environment of the server, and so of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where to listen. A restart must keep the port: the browser's profile, and in it the secrets, go by it. */
  readonly port?: number;
  /** The only extensions of VS Code's own that are there. Without it all are, and every window reads all of them. */
  readonly builtinExtensions?: readonly string[];
}

/** A running VS Code server. It must be stopped: its extension hosts outlive the tests otherwise. */
export class Server {
  /** Everything the server has printed so far. */
  log = '';
  readonly #child: ChildProcess;

  private constructor(
    readonly sandbox: Sandbox,
    readonly port: number,
    options: ServerOptions,
  ) {
    const { node, entry } = installVsCode();
    this.#child = spawn(
      node,
      [
        entry,
        ...locations(sandbox),
        ...builtinExtensions(sandbox, entry, options.builtinExtensions),
        '--bind-addr',
        `127.0.0.1:${port}`,
        '--auth',
        'none',
        '--disable-telemetry',
        '--disable-update-check',
        '--disable-workspace-trust',
        '--disable-getting-started-override',
        '--ignore-last-opened',
        // A page that has gone takes its extension host along at once; by default it would live on for hours.
        '--reconnection-grace-time',
        '1',
      ],
      {
        cwd: sandbox.root,
        env: { ...sandbox.env, ...options.env },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true, // leads a process group, so that one signal reaches the extension hosts too
      },
    );
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk) => {
        this.log += String(chunk);
      });
    process.prependOnceListener('exit', this.#killGroup); // before the sandbox is removed under its feet
  }

  /** Starts a server and waits until it answers. */
  static async start(sandbox: Sandbox, options: ServerOptions = {}): Promise<Server> {
    const server = new Server(sandbox, options.port ?? (await freePort()), options);
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await server.#answers())) {
      if (!server.running || Date.now() > deadline) {
        await server.kill();
        throw new Error(`VS Code's server did not start:\n${server.log}`);
      }
      await sleep(50);
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Where a browser finds a folder, a `.code-workspace` file or, without either, an empty window. */
  addressOf(folder: string | undefined): string {
    if (folder === undefined) return `${this.url}/?ew=true`;
    return `${this.url}/?${folder.endsWith('.code-workspace') ? 'workspace' : 'folder'}=${encodeURIComponent(folder)}`;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The last lines of the log that say when something happened, for a failure's report. */
  get logTail(): string {
    return this.log
      .split('\n')
      .filter((line) => /^\[\d\d:\d\d:\d\d\]/.test(line))
      .slice(-20)
      .join('\n');
  }

  /** Process ids of the extension hosts, one for each connected page; a crash test kills them. */
  extensionHosts(): number[] {
    const { pid } = this.#child;
    if (pid === undefined) return [];
    const hosts = descendants(pid).filter(({ command }) => command.includes('--type=extensionHost'));
    // Between fork and exec a child of a host looks just like it.
    return hosts.filter((host) => !hosts.some((other) => other.pid === host.parent)).map((host) => host.pid);
  }

  /** Ends the server and all its extension hosts in good order, as a shutdown does. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Ends them without a word, as a power cut does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.running) {
      const exited = once(this.#child, 'exit');
      this.#signalGroup(signal);
      const overdue = setTimeout(this.#killGroup, STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(overdue);
    }
    this.#killGroup(); // processes that outlived the leader
    process.removeListener('exit', this.#killGroup);
  }

  readonly #killGroup = (): void => this.#signalGroup('SIGKILL');

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // the group has ended
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/healthz`)).ok;
    } catch {
      return false;
    }
  }
}

/** Installs a packaged extension into a sandbox, as a user does from a file. */
export async function installExtension(sandbox: Sandbox, vsix: string): Promise<void> {
  const { node, entry } = installVsCode();
  const { stdout, stderr } = await promisify(execFile)(
    node,
    [entry, ...locations(sandbox), '--install-extension', vsix, '--force'],
    { env: sandbox.env },
  );
  if (!stdout.includes('was successfully installed')) throw new Error(`${vsix} was not installed:\n${stdout}${stderr}`);
}

function locations(sandbox: Sandbox): string[] {
  return ['--user-data-dir', sandbox.userData, '--extensions-dir', sandbox.extensions, '--config', sandbox.config];
}

/** Arguments for a folder that has no more than these of VS Code's own extensions. */
function builtinExtensions(sandbox: Sandbox, entry: string, names: readonly string[] | undefined): string[] {
  if (names === undefined) return [];
  const folder = sandbox.folder('builtin-extensions');
  for (const name of names) {
    const link = path.join(folder, name);
    if (!existsSync(link)) symlinkSync(path.resolve(entry, '../../../lib/vscode/extensions', name), link);
  }
  return ['--builtin-extensions-dir', folder];
}

async function freePort(): Promise<number> {
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}
