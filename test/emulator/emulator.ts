import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { control } from './control';
import { admit, exchange } from './exchange';
import type { Faults } from './faults';
import { Heads } from './rawHeaders';
import type { Ledger, Origin } from './ledger';
import type { Behaviour, StartOptions } from './options';
import type { TaskBook } from './tasks';
import { EmulatorState } from './emulatorState';

const LOOPBACK = '127.0.0.1';

/** Everything has a default; `world` takes over that of an emulator that was closed. */
export type EmulatorOptions = StartOptions & Partial<Behaviour> & { world?: EmulatorState };

/** The emulated GPTunnel service: four loopback servers before one {@link EmulatorState}. */
export interface Emulator {
  /** Of the API, with `/v1`: what a client gets as its base URL. */
  readonly baseUrl: string;
  /** Of the result files. */
  readonly filesUrl: string;
  /** Of a stranger, to which redirects may lead. */
  readonly foreignUrl: string;
  /** For tests in other processes, see control.ts. */
  readonly controlUrl: string;
  /** The accepted key; changed by {@link setKey}. */
  readonly key: string;
  readonly world: EmulatorState;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly tasks: TaskBook;
  /** May be changed at any time. */
  readonly behaviour: Behaviour;
  /** The accepted key becomes another; account and tasks stay. */
  setKey(key: string): void;
  /** Moves the emulator's clock ahead. */
  advance(ms: number): void;
  /** An outage: connections to the API and the files break, new ones are refused. */
  stop(): Promise<void>;
  /** Ends the outage, on the same addresses. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts an emulator. Ports are free ones unless the options say otherwise. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const world = options.world ?? new EmulatorState(options);
  const api = new Door(originServer(world, 'api'), options.port);
  const files = new Door(originServer(world, 'files'), options.filesPort);
  const foreign = new Door(originServer(world, 'foreign'), options.foreignPort);

  const start = async (): Promise<void> => {
    await Promise.all([api.open(), files.open()]);
  };
  const stop = async (): Promise<void> => {
    await Promise.all([api.shut(), files.shut()]);
  };
  await Promise.all([start(), foreign.open()]);
  world.filesUrl = files.url;
  world.foreignUrl = foreign.url;

  const about = { baseUrl: `${api.url}/v1`, filesUrl: files.url, foreignUrl: foreign.url };
  const controls = new Door(createServer(control(world, { about, start, stop })), options.controlPort);
  await controls.open();

  return {
    ...about,
    controlUrl: controls.url,
    get key() {
      return world.key;
    },
    world,
    ledger: world.ledger,
    faults: world.faults,
    tasks: world.tasks,
    behaviour: world.behaviour,
    setKey: (key) => world.setKey(key),
    advance: (ms) => world.advance(ms),
    stop,
    start,
    close: async () => {
      await Promise.all([stop(), foreign.shut(), controls.shut()]);
    },
  };
}

function originServer(world: EmulatorState, origin: Origin): Server {
  const server = createServer((req, res) => {
    exchange(world, origin, heads, req, res).catch((error: unknown) => {
      // A mistake of the emulator's own must look like nothing that the service does.
      console.error('emulator:', error);
      res.destroy();
    });
  });
  const heads = new Heads(server);
  server.on('connection', (socket) => admit(world, origin, socket));
  return server;
}

/** A server that can be shut and opened again on the port that it first got. */
class Door {
  readonly #server: Server;
  #port: number;

  constructor(server: Server, port = 0) {
    this.#server = server;
    this.#port = port;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.#port}`;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, LOOPBACK, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    const shut = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await shut;
  }
}
