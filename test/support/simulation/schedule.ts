import { isDeepStrictEqual } from 'node:util';
import { isDownloadable, type TaskRecord } from '../../../src/tasks/model/taskRecord';
import { TaskStore } from '../../../src/tasks/storage/taskStore';
import { withSavedLocation } from '../../../src/tasks/model/transitions';
import { FakeCredentials, TestWindow } from '../testWindow';
import type { Node } from './disk';
import { FLUSH_ERRORS, NO_LINK_ERRORS } from '../diskErrors';
import { Machine, setMachine, type Actor } from './machine';
import { Service, type ServiceTask } from './service';

const HOUR_MS = 60 * 60_000;
/** What a task costs in questions, whatever is answered: so many in any half an hour, and one for each time the user asks. */
const SPAN_MS = HOUR_MS / 2;
const MAX_QUESTIONS_IN_SPAN = 60;
const DIRECTORY = '/storage';
const MAX_WINDOWS = 3;
const KEYS = ['key-one', 'key-two'];
const SHOTS = ['Shot 1', 'Shot 2', 'Shot 3'];

interface OpenWindow {
  readonly actor: Actor;
  readonly credentials: FakeCredentials;
  readonly window: TestWindow;
  closedAt?: number;
}

/** What one schedule came to. */
export interface Tally {
  steps: number;
  kills: number;
  powerCuts: number;
  intents: number;
  charged: number;
  questions: number;
  ends: Record<string, number>;
  /** How often each fault of the disk happened. */
  faults: Record<string, number>;
}

/** What the user asked for, as seen from outside. */
interface Intent {
  readonly prompt: string;
  /** The shot of a storyboard that it is for, and the prompts of those that the user knew of. */
  readonly shot?: { label: string; known: ReadonlySet<string> };
  /** The user asked for its removal, which a kill may have prevented. */
  unwanted?: boolean;
  /** Removed for certain; in steps. */
  removedAt?: number;
}

/** One life of a machine with several windows, with everything that may happen to it; then quiet, and the reckoning. */
export class Schedule {
  readonly machine: Machine;
  readonly service: Service;
  readonly log: string[] = [];
  readonly #tally: Tally = {
    steps: 0,
    kills: 0,
    powerCuts: 0,
    intents: 0,
    charged: 0,
    questions: 0,
    ends: {},
    faults: {},
  };
  readonly #windows: OpenWindow[] = [];
  readonly #intents = new Map<string, Intent>();
  /** What a window was told to be on the disk. */
  readonly #acknowledged = new Map<string, { saved: Set<string>; gatewayId?: string }>();
  readonly #unwanted = new Set<string>();
  readonly #removed = new Set<string>();
  #key: string | undefined = KEYS[0];
  #violation: string | undefined;
  #opened = 0;
  /** What was announced in a wrong order. */
  #disorder: string | undefined;
  /** How often the user did what asks about tasks. */
  #looks = 0;
  #places = 0;

  constructor(readonly seed: number) {
    this.machine = new Machine(seed);
    this.service = new Service(this.machine);
    setMachine(this.machine);
    KEYS.forEach((key) => this.service.keys.set(key, `account of ${key}`));
    this.machine.slowListings = this.machine.chance(0.3);
    this.machine.reportsChanges = !this.machine.chance(0.15);
    this.machine.onName = (folder, name, gone) => this.#watchRecords(folder, name, gone);
    this.#chooseDisk();
    this.service.weather.trouble = this.machine.pick([0, 0.03, 0.1, 0.3])!;
    if (this.machine.chance(0.2)) {
      this.service.linkLifeMs = this.machine.pick([60_000, 10 * 60_000])!;
    }
  }

  /** Each of the disks that people have; the usual one in half of the schedules. */
  #chooseDisk(): void {
    const { machine } = this;
    if (machine.chance(0.5)) {
      return;
    }
    machine.noLinks = machine.chance(0.5) ? machine.pick(NO_LINK_ERRORS) : undefined;
    machine.losesLinkAnswers = machine.chance(0.15);
    machine.stalls = machine.pick([0, 0.02, 0.1, 0.3])!;
    // What cannot be flushed is not kept through a power cut: see `#losePower`.
    if (machine.chance(0.3)) {
      const code = machine.pick(FLUSH_ERRORS)!;
      Object.assign(machine.flushing, machine.chance(0.5) ? { folder: code } : { opensNoFolder: code });
      Object.assign(machine.flushing, machine.chance(0.3) && { file: machine.pick(FLUSH_ERRORS) });
    }
    this.log.push(
      `disk: ${JSON.stringify({ links: machine.noLinks, lost: machine.losesLinkAnswers, stalls: machine.stalls, flushing: machine.flushing, events: machine.reportsChanges })}`,
    );
  }

  async run(): Promise<Tally> {
    const { machine } = this;
    const acts = 8 + machine.upTo(25);
    await this.#openWindow();
    for (let act = 0; act < acts; act++) {
      await this.#act();
      await this.#letThingsHappen();
      this.#check();
    }
    await this.#quiet();
    this.#tally.steps = machine.steps;
    this.#tally.faults = machine.faults;
    return this.#tally;
  }

  get #running(): OpenWindow[] {
    return this.#windows.filter(({ actor, closedAt }) => actor.state === 'runs' && closedAt === undefined);
  }

  #tell(what: string): void {
    this.log.push(`${(this.machine.time / 1000).toFixed(1)} s, step ${this.machine.steps}: ${what}`);
  }

  async #letThingsHappen(): Promise<void> {
    const { machine } = this;
    const kind = machine.random.next();
    if (kind < 0.5) {
      // In the middle of something.
      for (let steps = machine.upTo(60); steps > 0; steps--) {
        await machine.step(machine.time + 5_000);
      }
    } else if (kind < 0.97) {
      await machine.pass(machine.random.next() ** 3 * 120_000);
    } else {
      // Everything is shut over the weekend, or left alone.
      if (machine.chance(0.7)) {
        this.#running.forEach((open) => this.#kill(open));
      }
      const hours = machine.pick([1, 30, 47, 60])!;
      this.#tell(`${hours} hours pass`);
      await machine.pass(machine.chance(0.5) && this.#running.length === 0 ? hours * HOUR_MS : HOUR_MS / 4);
    }
  }

  async #act(): Promise<void> {
    const { machine } = this;
    const open = machine.pick(this.#running);
    if (!open) {
      await this.#openWindow();
      return;
    }
    const { window, actor } = open;
    const record = machine.pick(window.store.list());
    const acts: [number, string, () => Promise<unknown> | void][] = [
      [24, 'generate', () => this.#generate(open)],
      [12, 'run the storyboard', () => this.#runStoryboard()],
      [10, 'open a window', () => (this.#running.length < MAX_WINDOWS ? this.#openWindow() : undefined)],
      [14, 'kill', () => this.#kill(open)],
      [5, 'close', () => this.#close(open)],
      [4, 'power cut', () => this.#losePower()],
      [5, 'stop', () => this.#stop(open)],
      [5, 'disk full', () => this.#fillDisk()],
      [6, 'reads fail', () => this.#troubleReading()],
      [2, 'watchers fail', () => machine.failWatchers()],
      [6, 'offline', () => this.#goOffline()],
      [5, 'odd answers', () => this.#makeAnswersOdd()],
      [4, 'wall clock', () => this.#jump()],
      [4, 'change key', () => this.#changeKey(machine.pick([...KEYS, undefined]))],
      [3, 'revoke key', () => this.#revokeKey()],
      [
        6,
        'check now',
        () => void machine.run(actor, () => void window.polling.checkNow(machine.chance(0.5) ? record?.id : undefined)),
      ],
      [6, 'save', () => record && this.#save(open, record)],
      [
        4,
        'ask for a copy',
        () =>
          record && void machine.run(actor, () => void window.downloader.ensureCopy(record.id).catch(() => undefined)),
      ],
      [3, 'delete a copy by hand', () => this.#deleteCopy(record)],
      [3, 'remove', () => record && this.#remove(open, record)],
      [4, 'add by hand', () => this.#add(open)],
      [4, 'send again', () => this.#sendAgain(open)],
      [2, 'look for the dead', () => void machine.run(actor, () => void window.generate.recover())],
    ];
    let draw = machine.random.next() * acts.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, name, act] of acts) {
      draw -= weight;
      if (draw < 0) {
        this.#tell(`${actor.name}: ${name}`);
        this.#looks += ['check now', 'change key', 'ask for a copy', 'add by hand'].includes(name) ? 1 : 0;
        await act();
        return;
      }
    }
  }

  async #openWindow(): Promise<OpenWindow> {
    const { machine, service } = this;
    const actor: Actor = { name: `window${++this.#opened}`, state: 'runs' };
    const credentials = new FakeCredentials(this.#key);
    this.#tell(`${actor.name} opens`);
    const window = await machine.run(actor, () => {
      const made = new TestWindow({
        directory: DIRECTORY,
        clock: machine.clockOf(actor),
        random: () => machine.random.next(),
        identity: {
          name: actor.name,
          isPossiblyAlive: (name) =>
            this.#windows.some((other) => other.actor.name === name && other.actor.state !== 'dead'),
        },
        apiClient: service.apiClient(actor.name),
        fetch: service.fetch,
        credentials,
        log: (message) => this.#tell(`${actor.name} says: ${message}`),
      });
      // A disk that is full at the start is tried again by the next command; here by nobody.
      made.open().catch((error: unknown) => this.#tell(`${actor.name} cannot open: ${String(error)}`));
      return made;
    });
    this.#followOrder(actor, window.store);
    const opened: OpenWindow = { actor, credentials, window };
    this.#windows.push(opened);
    return opened;
  }

  /** The changes of a task are announced in their order: who follows them ends with what the store has. */
  #followOrder({ name }: Actor, store: TaskStore): void {
    const followed = new Map<string, TaskRecord | undefined>();
    store.onDidChange((changes) => {
      for (const { id, before, after } of changes) {
        if (followed.has(id) && followed.get(id) !== before) {
          this.#disorder ??= `${name} announced a change of ${id} to ${after?.state ?? 'nothing'} out of turn`;
        }
        followed.set(id, after);
      }
    });
  }

  async #generate(open: OpenWindow): Promise<void> {
    const { machine } = this;
    const intents = Array.from({ length: 1 + machine.upTo(3) }, () => {
      const prompt = `prompt ${this.#intents.size}`;
      this.#intents.set(prompt, { prompt });
      return { model: 'm', prompt };
    });
    await machine.run(
      open.actor,
      () =>
        void open.window.generate
          .generate(intents, (record) => this.#acknowledge(record.id, { gatewayId: record.gatewayId! }))
          .then((records) => records.forEach(({ id }) => this.#acknowledge(id, {})))
          .catch((error: unknown) => this.#tell(`${open.actor.name} cannot generate: ${String(error)}`)),
    );
  }

  /** Some windows run the same storyboard, at the same time or nearly so, each with what it knows of it. */
  async #runStoryboard(): Promise<void> {
    const { machine } = this;
    for (const { actor, window } of this.#running.filter(() => machine.chance(0.7))) {
      const takes = window.store.list().filter(({ shot }) => shot !== undefined);
      const known = takes.map(({ id }) => id);
      const knownPrompts = new Set(takes.map(({ request }) => request.prompt));
      const intents = SHOTS.filter(() => machine.chance(0.7)).map((label) => {
        const prompt = `prompt ${this.#intents.size}`;
        this.#intents.set(prompt, { prompt, shot: { label, known: knownPrompts } });
        return { model: 'm', prompt, shot: { document: 'file:///film.storyboard.md', label, title: '', known } };
      });
      const own = new Set(intents.map(({ prompt }) => prompt));
      await machine.run(
        actor,
        () =>
          void window.generate
            .generate(intents, (record) => this.#acknowledge(record.id, { gatewayId: record.gatewayId! }))
            .then((records) =>
              records.filter(({ request }) => own.has(request.prompt)).forEach(({ id }) => this.#acknowledge(id, {})),
            )
            .catch((error: unknown) => this.#tell(`${actor.name} cannot run the storyboard: ${String(error)}`)),
      );
      for (let steps = machine.upTo(40); steps > 0 && machine.chance(0.7); steps--) {
        await machine.step(machine.time + 1_000);
      }
    }
  }

  #acknowledge(id: string, { gatewayId, saved }: { gatewayId?: string; saved?: string }): void {
    const known = this.#acknowledged.get(id) ?? { saved: new Set() };
    this.#acknowledged.set(id, known);
    Object.assign(known, gatewayId !== undefined && { gatewayId });
    if (saved !== undefined) {
      known.saved.add(saved);
    }
  }

  #kill(open: OpenWindow): void {
    this.#tell(`${open.actor.name} is killed`);
    this.machine.kill(open.actor);
    this.#tally.kills++;
  }

  async #close(open: OpenWindow): Promise<void> {
    this.#tell(`${open.actor.name} closes`);
    await this.machine.run(open.actor, () => open.window.close());
    open.closedAt = this.machine.steps;
    // The process lives a little longer.
    this.machine.setTimeout(() => this.machine.kill(open.actor), this.machine.upTo(8_000), this.machine.network);
  }

  #losePower(): void {
    if (Object.keys(this.machine.flushing).length > 0) {
      // Such a disk keeps nothing for certain, and there is nothing to hold anybody to.
      return;
    }
    this.#windows.filter(({ actor }) => actor.state !== 'dead').forEach((open) => this.#kill(open));
    this.#tell('power is cut');
    this.machine.disk.losePower();
    this.machine.bootedAt = this.machine.time + 1;
    this.machine.time += 20_000;
    this.#tally.powerCuts++;
  }

  #stop({ actor }: OpenWindow): void {
    actor.state = 'stopped';
    this.#tell(`${actor.name} is stopped`);
    this.machine.setTimeout(
      () => {
        if (actor.state === 'stopped') {
          actor.state = 'runs';
          this.#tell(`${actor.name} goes on`);
        }
      },
      this.machine.upTo(200_000),
      this.machine.network,
    );
  }

  #fillDisk(): void {
    this.machine.disk.free = 4096 * this.machine.upTo(6);
    this.machine.setTimeout(
      () => {
        this.machine.disk.free = Infinity;
      },
      this.machine.upTo(100_000),
      this.machine.network,
    );
  }

  /** For a moment, or for longer. */
  #troubleReading(): void {
    const { machine } = this;
    machine.readTrouble = machine.pick([0.1, 0.5, 1])!;
    machine.setTimeout(
      () => {
        machine.readTrouble = 0;
      },
      machine.pick([50, 1_000, 20_000, 100_000])!,
      machine.network,
    );
  }

  #goOffline(): void {
    this.service.weather.offline = true;
    this.machine.setTimeout(
      () => {
        this.service.weather.offline = false;
      },
      this.machine.upTo(60_000),
      this.machine.network,
    );
  }

  /** For a moment, or for hours. */
  #makeAnswersOdd(): void {
    const { machine, service } = this;
    service.weather.odd = machine.pick([0.3, 0.8, 1])!;
    machine.setTimeout(
      () => {
        service.weather.odd = 0;
      },
      machine.upTo(machine.pick([20_000, 10 * 60_000, 3 * HOUR_MS])!),
      machine.network,
    );
  }

  #jump(): void {
    const ms =
      (this.machine.chance(0.5) ? 1 : -1) *
      this.machine.pick([1_000, 10 * 60_000, HOUR_MS, 40 * HOUR_MS, 2_000 * HOUR_MS])!;
    this.#tell(`wall clock ${ms / 1000} s`);
    this.machine.wallAhead += ms;
  }

  async #changeKey(key: string | undefined): Promise<void> {
    this.#key = key;
    for (const { actor, credentials } of this.#running) {
      await this.machine.run(actor, () => credentials.set(key));
    }
  }

  #revokeKey(): void {
    const key = this.machine.pick(KEYS)!;
    const account = this.service.keys.get(key);
    if (account !== undefined) {
      this.service.keys.delete(key);
      this.machine.setTimeout(
        () => this.service.keys.set(key, account),
        this.machine.upTo(100_000),
        this.machine.network,
      );
    }
  }

  async #save({ actor, window }: OpenWindow, { id }: TaskRecord): Promise<void> {
    const uri = `file:///${++this.#places}`;
    await this.machine.run(
      actor,
      () =>
        void window.store.update(id, withSavedLocation(uri, this.machine.wall())).then(
          () => this.#acknowledge(id, { saved: uri }),
          () => undefined,
        ),
    );
  }

  #deleteCopy(record: TaskRecord | undefined): void {
    if (record?.localCopy && this.#canBeHadAgain(record)) {
      this.machine.disk.unlink(`${DIRECTORY}/videos/${record.localCopy.file}`);
    }
  }

  #canBeHadAgain({ gatewayId = '' }: TaskRecord): boolean {
    const task = this.service.tasks.get(gatewayId);
    const files = this.machine.disk.names(`${DIRECTORY}/videos`);
    return task !== undefined && this.#life(task) > 20 * HOUR_MS && files.includes(`${this.#idOf(gatewayId)}.mp4`);
  }

  #idOf(gatewayId: string): string | undefined {
    return this.#running[0]?.window.store.findByGatewayId(gatewayId)?.id;
  }

  #life({ doneAt }: ServiceTask): number {
    return doneAt + 48 * HOUR_MS - this.machine.time;
  }

  async #remove({ actor, window }: OpenWindow, { id, request, gatewayId }: TaskRecord): Promise<void> {
    this.#unwanted.add(id);
    const intent = this.#intents.get(request.prompt);
    Object.assign(intent ?? {}, { unwanted: true });
    await this.machine.run(
      actor,
      () =>
        void window.store.remove(id).then(
          () => {
            // An order whose answer comes later is in the list again: it was paid for.
            if (gatewayId !== undefined) {
              this.#removed.add(id);
            }
            Object.assign(intent ?? {}, { removedAt: this.machine.steps });
          },
          () => undefined,
        ),
    );
  }

  /** The id of a lost answer, found on the service's own pages; or of a task made there. */
  async #add({ actor, window }: OpenWindow): Promise<void> {
    const { machine } = this;
    const lost = window.store
      .list()
      .filter(({ state }) => state === 'unknown')
      .flatMap((record) => {
        const task = this.service.sent.find(({ prompt }) => prompt === record.request.prompt)?.task;
        return task ? [{ bindTo: record.id, task }] : [];
      });
    const found = machine.pick(lost);
    const task =
      found?.task ?? this.service.makeTask('made elsewhere', this.service.keys.get(this.#key ?? '') ?? 'nobody');
    const options = found ? { bindTo: found.bindTo } : { keepAnyway: machine.chance(0.3) };
    await machine.run(actor, () => void window.generate.add(task.id, options).catch(() => undefined));
  }

  /** Knowingly: a new intent. */
  async #sendAgain(open: OpenWindow): Promise<void> {
    if (open.window.store.list().some(({ state }) => state === 'unknown')) {
      await this.#generate(open);
    }
  }

  /** A record is in the folder at all times, whoever does what to its files. Intact ones are never set aside. */
  #watchRecords(folder: string, name: string, gone: Node | undefined): void {
    const { disk, current } = this.machine;
    const isIntact = (node: Node | undefined): boolean =>
      node?.kind === 'file' && /^\{.*\}\n$/s.test(node.data.toString()) && !node.data.includes(0);
    const isRemoved = gone?.kind === 'file' && gone.data.includes('"removedAt"');
    const [id = '', revision, extension] = name.split('.');
    // A new record that could not be flushed is taken back, and whoever asked for it is told so.
    const isTakenBack = revision === '1' && !this.#acknowledged.has(id);
    if (
      folder === `${DIRECTORY}/tasks` &&
      extension === 'json' &&
      gone &&
      isIntact(gone) &&
      !isRemoved &&
      !isTakenBack
    ) {
      const others = disk.names(folder).filter((other) => other.startsWith(`${id}.`) && other.endsWith('.json'));
      const hasOther = others.some((other) => isIntact(disk.node(`${folder}/${other}`)));
      this.#violation ??= hasOther ? undefined : `${current.name} took away ${name}, the only file of its record`;
    }
    if (folder === `${DIRECTORY}/damaged` && !gone && isIntact(disk.node(`${folder}/${name}`))) {
      this.#violation ??= `${current.name} set ${name} aside, which is intact`;
    }
  }

  /** What must hold at any moment. */
  #check(): void {
    expect(this.#violation === undefined, this.#violation ?? '');
    expect(this.service.wrongLinks === 0, 'the link of something else was taken for the video');
    const byPrompt = new Map<string, number>();
    const takes = new Map<string, string[]>();
    for (const { prompt, task, calledAt, window } of this.service.sent) {
      const intent = this.#intents.get(prompt);
      if (intent?.shot && task) {
        const before = takes.get(intent.shot.label) ?? [];
        // What was agreed to with the other in sight may be sent before it.
        const knows = (one: string, other: string) => this.#intents.get(one)?.shot?.known.has(other);
        const unseen = before.find((one) => !knows(prompt, one) && !knows(one, prompt));
        expect(unseen === undefined, `${prompt} was paid for the shot of ${unseen}, of which ${window} did not know`);
        // One that fails may be repeated, and one that the user removed is not there.
        takes.set(intent.shot.label, task.fails || intent.unwanted ? before : [...before, prompt]);
      }
      byPrompt.set(prompt, (byPrompt.get(prompt) ?? 0) + (task ? 1 : 0));
      expect((byPrompt.get(prompt) ?? 0) <= 1, `${prompt} was paid twice`);
      const removedAt = this.#intents.get(prompt)?.removedAt ?? Infinity;
      expect(calledAt < removedAt, `${prompt} was sent by ${window} after it was removed`);
      const closedAt = this.#windows.find(({ actor }) => actor.name === window)?.closedAt ?? Infinity;
      expect(calledAt <= closedAt, `${prompt} was sent by ${window} after that was closed`);
    }
  }

  /** Nothing more goes wrong, and everything gets the time that it needs. */
  async #quiet(): Promise<void> {
    const { machine, service } = this;
    this.#tell('everything calms down');
    service.weather.offline = false;
    service.weather.trouble = service.weather.odd = 0;
    machine.disk.free = Infinity;
    machine.readTrouble = 0;
    machine.stalls = 0;
    KEYS.forEach((key) => service.keys.set(key, `account of ${key}`));
    // Windows of before may live on, or be gone.
    if (machine.chance(0.6)) {
      this.#windows.filter(({ actor }) => actor.state !== 'dead').forEach((open) => this.#kill(open));
    }
    // Whatever is still on its way arrives.
    await machine.pass(210_000);
    service.weather.offline = false;
    service.weather.odd = 0;
    machine.disk.free = Infinity;
    machine.readTrouble = 0;
    KEYS.forEach((key) => service.keys.set(key, `account of ${key}`));
    const last = await this.#openWindow();
    // Twice, as an id that came beside an error may be found out to be a task's while the other key is set.
    for (const key of [...KEYS, ...KEYS]) {
      await this.#changeKey(key);
      await this.#until(
        () =>
          last.window.store.isLoaded &&
          last.window.store.unreadable.length === 0 &&
          last.window.store.list().every((record) => this.#isSettled(record, last.credentials.account)),
        3 * HOUR_MS,
        `all tasks of ${key} are settled`,
      );
    }
    this.#windows
      .filter(({ actor }) => actor.state !== 'dead' && actor !== last.actor)
      .forEach((open) => this.#kill(open));
    // The user looks at its list: without file events a window that has nothing to do and is not seen does not look.
    await machine.run(last.actor, () => last.window.store.keepLooking('list', true));
    // A question may be on its way already while the list is read.
    await machine.pass(10_000);
    const isOver = ({ state, localCopy, gatewayId }: TaskRecord): boolean =>
      gatewayId !== undefined && (localCopy !== undefined || state === 'failed');
    const over = new Set(
      last.window.store
        .list()
        .filter(isOver)
        .map(({ gatewayId }) => gatewayId),
    );
    const asked = service.asked.length;
    await machine.pass(60_000);
    for (const { id } of service.asked.slice(asked)) {
      expect(!over.has(id), `${id} is over and still asked about`);
    }
    this.#check();
    this.#checkQuestions();
    expect(this.#disorder === undefined, this.#disorder ?? '');
    await this.#reckon(last.window.store);
  }

  #checkQuestions(): void {
    const limit = MAX_QUESTIONS_IN_SPAN + this.#looks + this.#opened;
    const timesOf = new Map<string, number[]>();
    for (const { id, at } of this.service.asked) {
      const times = timesOf.get(id) ?? [];
      timesOf.set(id, times);
      times.push(at);
      const before = times.at(-1 - limit);
      expect(before === undefined || at - before > SPAN_MS, `${id} is asked about without end`);
    }
    this.#tally.questions = this.service.asked.length;
  }

  #isSettled(record: TaskRecord, account: string | undefined): boolean {
    const isOurs = record.account === undefined || record.account === account;
    switch (record.state) {
      case 'draft':
      case 'submitting':
        return false;
      case 'waiting':
      case 'running':
        return (
          !isOurs || this.service.tasks.get(record.gatewayId ?? '')?.account === undefined || !this.#isAsked(record)
        );
      default:
        return !isDownloadable(record) || this.#isGivenUp(record) || this.#waitsForItsKey(record);
    }
  }

  /** Its link is dead, and a wall clock that was set back says that it need not be: it is tried for a while yet. */
  #isGivenUp({ gatewayId = '', trouble }: TaskRecord): boolean {
    const task = this.service.tasks.get(gatewayId);
    return task !== undefined && this.#life(task) < 0 && trouble?.kind === 'link-expired';
  }

  /** A link that died early is asked for with the key of its task, and another one is set. */
  #waitsForItsKey({ account }: TaskRecord): boolean {
    const current = new FakeCredentials(this.#key).account;
    return this.service.linkLifeMs < HOUR_MS && account !== undefined && account !== current;
  }

  /** A task that was added with the wrong key is asked about for ever, and nothing comes of it. */
  #isAsked({ gatewayId = '', account }: TaskRecord): boolean {
    const task = this.service.tasks.get(gatewayId);
    return KEYS.some(
      (key) => this.service.keys.get(key) === task?.account && new FakeCredentials(key).account === account,
    );
  }

  async #until(condition: () => boolean, ms: number, what: string): Promise<void> {
    const { machine } = this;
    for (const limit = machine.time + ms; !condition();) {
      expect(machine.time < limit && (await machine.step(limit)), `does not come about: ${what}`);
    }
  }

  async #reckon(seenByLast: TaskStore): Promise<void> {
    const { machine } = this;
    const actor: Actor = { name: 'reader', state: 'runs' };
    const store = await machine.run(
      actor,
      () => new TaskStore({ directory: DIRECTORY, clock: machine.clockOf(actor), random: () => machine.random.next() }),
    );
    let loaded = false;
    await machine.run(
      actor,
      () =>
        void store.load().then(() => {
          loaded = true;
        }),
    );
    await this.#until(() => loaded, HOUR_MS, 'the store can be read');
    expect(store.damaged.length === 0, `damaged: ${store.damaged.join()}`);
    expect(
      isDeepStrictEqual(plain(store.list()), plain(seenByLast.list())),
      'the last window sees what is on the disk',
    );

    const byPrompt = new Map<string, TaskRecord[]>();
    for (const record of store.list()) {
      if (record.origin === 'generated') {
        byPrompt.set(record.request.prompt, [...(byPrompt.get(record.request.prompt) ?? []), record]);
      }
      this.#reckonRecord(record, store);
    }
    for (const { prompt, task, answered, faulty, window } of this.service.sent) {
      const intent = this.#intents.get(prompt);
      const [record, second] = byPrompt.get(prompt) ?? [];
      expect(second === undefined, `${prompt} has two records`);
      expect(record !== undefined || intent?.unwanted === true, `${prompt} was sent and is lost`);
      if (record && task) {
        expect(record.gatewayId === task.id || record.state === 'unknown', `${prompt} was paid and is ${record.state}`);
        const survived = this.#windows.some(
          ({ actor, closedAt }) => actor.name === window && actor.state !== 'dead' && closedAt === undefined,
        );
        expect(
          record.state !== 'unknown' || faulty || !answered || !survived,
          `${prompt} is unknown although its answer came`,
        );
      }
    }
    for (const [id, { saved, gatewayId }] of this.#acknowledged) {
      const record = store.get(id);
      expect(record !== undefined || this.#unwanted.has(id), `${id} was acknowledged and is lost`);
      expect(!record || gatewayId === undefined || record.gatewayId === gatewayId, `${id} had an id that is lost`);
      for (const uri of saved) {
        // What was removed while it was sent is a new record when its answer comes.
        expect(
          !record || this.#unwanted.has(id) || record.saved.some((place) => place.uri === uri),
          `${id} lost a saved place`,
        );
      }
    }
    for (const id of this.#removed) {
      expect(store.get(id) === undefined, `${id} was removed and is back`);
    }
    this.#tally.intents = byPrompt.size;
    this.#tally.charged = this.service.sent.filter(({ task }) => task).length;
  }

  #reckonRecord(record: TaskRecord, store: TaskStore): void {
    const about = `${record.id} (${record.request.prompt})`;
    const end = record.error ? `${record.state}: ${record.error.kind}` : record.state;
    this.#tally.ends[end] = (this.#tally.ends[end] ?? 0) + 1;
    const task = this.service.tasks.get(record.gatewayId ?? '');
    switch (record.state) {
      case 'done': {
        const path = store.videoPath(record);
        if (this.#isGivenUp(record) || this.#waitsForItsKey(record)) {
          break;
        }
        expect(task !== undefined && path !== undefined, `${about} is done without a copy`);
        if (this.#isOnDisk(path)) {
          const file = this.machine.disk.read(path);
          expect(
            task.files.some((served) => served.equals(file)),
            `${about}: its copy is none of what was served`,
          );
          expect(record.localCopy?.bytes === file.length, `${about}: its size is wrong`);
        }
        break;
      }
      case 'expired':
        expect(task !== undefined && this.#life(task) < HOUR_MS, `${about} is expired too early`);
        break;
      case 'failed':
        expect(record.gatewayId === undefined || task?.fails === true, `${about} is failed`);
        expect(
          record.gatewayId !== undefined ||
            !this.service.sent.some(({ prompt, task: paid }) => prompt === record.request.prompt && paid),
          `${about} is failed and was paid`,
        );
        break;
      case 'unknown':
        break;
      default:
        expect(!this.#isAsked(record), `${about} is ${record.state}`);
    }
  }

  #isOnDisk(path: string): boolean {
    return this.machine.disk.names(`${DIRECTORY}/videos`).includes(path.split('/').at(-1)!);
  }
}

/** As it is after a way over the disk. */
function plain(records: readonly TaskRecord[]): unknown {
  return JSON.parse(JSON.stringify(records));
}

function expect(condition: boolean, otherwise: string): asserts condition {
  if (!condition) {
    throw new Error(otherwise);
  }
}
