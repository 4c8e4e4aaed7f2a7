import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TaskRecord } from '../../../src/tasks/model/taskRecord';
import { startEmulator, type Emulator } from '../../emulator/emulator';
import type { FaultSpec } from '../../emulator/faults';
import { Random } from '../../emulator/random';
import type { Task } from '../../emulator/tasks';
import { stamped } from '../../emulator/video/boxes';
import { bundle } from '../../support/bundle';
import { FastClock } from '../../support/clocks';
import type { KilledProcessTask } from '../../support/killedProcess';
import { makeMp4 } from '../../support/mp4';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { createStore } from '../../support/records';

/** Another one each time, except in CI: whether a change lands should not depend on luck. */
const SEED = Number(process.env['SEEDANCE_SEED'] ?? (process.env['CI'] ? 20261122 : Date.now() % 1e9));
const KILLS = Number(process.env['SEEDANCE_KILLS'] ?? 110);
/** Folders, each shared by several windows. */
const PLACES = 3;
const WINDOWS = 2;
const KEY = 'shds-kills';
const SETTLED_WITHIN_MS = 60_000;

const SPEED = 20;
const clock = { speed: SPEED, startedAt: Date.now() };

/** Everything that may come between the service and a window that is about to die. */
const FAULTS: FaultSpec[] = [
  { kind: 'resetAfterRead', match: { route: 'create' }, times: 'always', probability: 0.04 },
  { kind: 'resetBeforeCharge', match: { route: 'create' }, times: 'always', probability: 0.04 },
  { kind: 'httpError', status: 502, afterCharge: true, match: { route: 'create' }, times: 'always', probability: 0.04 },
  { kind: 'code', code: 6, match: { route: 'create' }, times: 'always', probability: 0.04 },
  { kind: 'delay', ms: 60, match: { route: 'create' }, times: 'always', probability: 0.3 },
  { kind: 'delay', ms: 60, afterCharge: true, match: { route: 'create' }, times: 'always', probability: 0.3 },
  { kind: 'httpError', status: 503, match: { route: 'result' }, times: 'always', probability: 0.1 },
  { kind: 'doneWithoutUrl', match: { route: 'result' }, times: 'always', probability: 0.1 },
  { kind: 'resetMidBody', match: { route: 'file' }, times: 'always', probability: 0.15 },
  { kind: 'fileHtml', times: 'always', probability: 0.05 },
  { kind: 'fileShort', times: 'always', probability: 0.05 },
  { kind: 'fileNoRange', times: 'always', probability: 0.1 },
  { kind: 'slowBody', bytesPerSecond: 600_000, match: { route: 'file' }, times: 'always', probability: 0.7 },
];

/** What the windows of one folder said before they died. */
interface Place {
  readonly directory: string;
  readonly accepted: Map<string, string>;
  readonly saved: Map<string, string>;
  /** What was agreed to of the storyboard: the shot of each prompt, and the prompts that its window knew of. */
  readonly agreed: Map<string, { label: string; known: ReadonlySet<string> }>;
}

const SHOTS = ['Shot 1', 'Shot 2', 'Shot 3'];

describe(`kills (SEEDANCE_SEED=${SEED})`, function () {
  this.timeout(280_000);
  const random = new Random(SEED);
  const prompts = new Set<string>();
  const children = new Set<ChildProcess>();
  const struck = { draft: 0, submitting: 0, waiting: 0, running: 0, downloading: 0 };
  let emulator: Emulator;
  let script: string;
  let places: Place[];
  let kills = 0;

  before(async () => {
    const fast = new FastClock(clock);
    const clip = makeMp4(200_000);
    emulator = await startEmulator({
      key: KEY,
      account: { balance: 1e6 },
      now: () => fast.now(),
      durations: { medianMs: 12_000, sigma: 0.5 },
      video: (task) => stamped(clip, task.id, 1),
    });
    FAULTS.forEach((fault) => emulator.faults.add(fault));
    script = await bundle('killedProcess');
    places = await Promise.all(
      Array.from({ length: PLACES }, async () => ({
        directory: await makeTempDir(),
        accepted: new Map<string, string>(),
        saved: new Map<string, string>(),
        agreed: new Map<string, { label: string; known: ReadonlySet<string> }>(),
      })),
    );
  });

  after(async () => {
    children.forEach((child) => child.kill('SIGKILL'));
    await emulator.close();
    await Promise.all(places.map(({ directory }) => removeTempDir(directory)));
  });

  function open(
    place: Place,
    asked: string[],
    { untilSettled = false, shots = {} }: { untilSettled?: boolean; shots?: Record<string, string> } = {},
  ): ChildProcess {
    const task: KilledProcessTask = {
      directory: place.directory,
      baseUrl: emulator.baseUrl,
      key: KEY,
      clock,
      prompts: asked,
      shots,
      untilSettled,
    };
    const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    createInterface(child.stdout).on('line', (line) => {
      const [word, id = '', what = ''] = line.split(' ');
      if (word === 'agreed') {
        const { shots, known } = JSON.parse(line.slice('agreed '.length)) as {
          shots: Record<string, string>;
          known: string[];
        };
        for (const [label, prompt] of Object.entries(shots)) {
          prompts.add(prompt);
          place.agreed.set(prompt, { label, known: new Set(known) });
        }
      } else if (word === 'accepted') {
        place.accepted.set(id, what);
      } else if (word === 'saved') {
        place.saved.set(id, what);
      } else if (word === 'ready') {
        child.emit('ready');
      }
    });
    return child;
  }

  const ended = (child: ChildProcess): Promise<number | null> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve(child.exitCode)
      : new Promise((resolve) => child.once('exit', resolve));

  /** One window after the other, each killed sooner or later. */
  async function seat(place: Place): Promise<void> {
    while (kills < KILLS) {
      const asked = Array.from(
        { length: Math.floor(random.next() * 3) },
        () => `prompt ${prompts.size} ${random.hex(8)}`,
      );
      asked.forEach((prompt) => prompts.add(prompt));
      const run = random.hex(8);
      const shots = random.next() < 0.5 ? Object.fromEntries(SHOTS.map((label) => [label, `${label} of ${run}`])) : {};
      const child = open(place, asked, { shots });
      // Some die while they start, most at work.
      const ready = new Promise((resolve) => child.once('ready', resolve));
      const early = random.next() < 0.1;
      await Promise.race([early ? Promise.resolve() : ready, ended(child)]);
      await new Promise((resolve) => setTimeout(resolve, random.next() * (early ? 150 : 300)));
      assert.equal(child.exitCode, null, 'no window ends by itself');
      child.kill('SIGKILL');
      await ended(child);
      kills++;
      await count(place, child.pid!);
    }
  }

  /** What the killed window was at. */
  async function count({ directory }: Place, pid: number): Promise<void> {
    const tasks = join(directory, 'tasks');
    const names = await readdir(tasks).catch(() => []);
    for (const name of names.filter((file) => file.endsWith('.json'))) {
      const text = await readFile(join(tasks, name), 'utf8').catch(() => '');
      const record = (text === '' ? {} : JSON.parse(text)) as Partial<TaskRecord>;
      if (record.sender?.includes(`:${pid}:`) && record.state !== undefined && record.state in struck) {
        struck[record.state as keyof typeof struck]++;
      }
    }
    struck.downloading += (await readdir(join(directory, 'videos')).catch(() => [])).filter((name) =>
      name.endsWith('.part'),
    ).length;
  }

  it(`loses no task and pays for none twice, over ${KILLS} kills`, async () => {
    const startedAt = performance.now();
    await Promise.all(places.flatMap((place) => Array.from({ length: WINDOWS }, () => seat(place))));
    assert.ok(kills >= KILLS);
    const killedIn = performance.now() - startedAt;
    emulator.faults.clear();

    await Promise.all(
      places.map(async (place) => {
        const last = open(place, [], { untilSettled: true });
        const timer = setTimeout(() => last.kill('SIGKILL'), SETTLED_WITHIN_MS);
        assert.equal(await ended(last), 0, `the last window of ${place.directory} settles everything`);
        clearTimeout(timer);
      }),
    );

    const chargedTasks = new Map<string, Task[]>();
    for (const task of emulator.tasks.all()) {
      chargedTasks.set(task.prompt, [...(chargedTasks.get(task.prompt) ?? []), task]);
    }
    const faultOf = new Map(
      emulator.ledger.creates().map(({ body, outcome }) => [(body as { prompt: string }).prompt, outcome]),
    );
    const seen = new Map<string, TaskRecord>();
    const ends: Record<string, number> = {};
    for (const place of places) {
      const store = createStore(place.directory);
      await store.load();
      assert.deepEqual(store.damaged, [], 'every record can be read');
      for (const record of store.list()) {
        const { prompt } = record.request;
        const where = `${place.directory}: ${JSON.stringify(record)}`;
        assert.ok(prompts.has(prompt) && !seen.has(prompt), `one record an intent: ${where}`);
        seen.set(prompt, record);
        const charged = chargedTasks.get(prompt) ?? [];
        const end =
          record.state === 'failed' || record.state === 'unknown'
            ? `${record.state}: ${record.error?.kind}`
            : record.state;
        ends[end] = (ends[end] ?? 0) + 1;
        switch (record.state) {
          case 'done': {
            const [task] = charged;
            assert.ok(task && record.gatewayId === task.id, where);
            const video = await readFile(store.videoPath(record) ?? '');
            assert.deepEqual(video, stamped(makeMp4(200_000), task.id, 1), `byte for byte what was served: ${where}`);
            assert.equal(record.localCopy?.bytes, video.length);
            break;
          }
          case 'failed':
            assert.deepEqual(charged, [], `nothing was charged for what failed: ${where}`);
            break;
          case 'unknown':
            // Either the window died between sending and writing the answer, or the answer was spoiled.
            assert.ok(record.error?.kind === 'interrupted' || faultOf.get(prompt)?.fault, where);
            break;
          default:
            assert.fail(`nothing is left undone: ${where}`);
        }
      }
      for (const [id, gatewayId] of place.accepted) {
        assert.equal(store.get(id)?.gatewayId, gatewayId, 'what was announced is kept');
      }
      for (const [id, uri] of place.saved) {
        assert.ok(
          store.get(id)?.saved.some((saved) => saved.uri === uri),
          'no change is lost',
        );
      }
      const strays = (await readdir(join(place.directory, 'videos'))).filter(
        (name) => !store.get(name.slice(0, -4))?.localCopy,
      );
      assert.deepEqual(strays, [], 'no half video is left');
      store.dispose();
    }
    let shotsPaid = 0;
    for (const { agreed } of places) {
      const paid = [...agreed].filter(([prompt]) => chargedTasks.has(prompt));
      shotsPaid += paid.length;
      for (const [prompt, { label, known }] of paid) {
        const unseen = paid.find(
          ([other, one]) => other !== prompt && one.label === label && !known.has(other) && !one.known.has(prompt),
        );
        assert.equal(unseen?.[0], undefined, `${prompt} was paid for a shot of which another window paid the same`);
      }
    }
    assert.ok(shotsPaid >= SHOTS.length * PLACES, `${shotsPaid} shots paid`);
    for (const [prompt, charged] of chargedTasks) {
      assert.equal(charged.length, 1, `paid once: ${prompt}`);
      assert.ok(seen.has(prompt), `paid and not lost: ${prompt}`);
    }
    assert.equal(
      emulator.ledger.creates().length,
      new Set(emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt)).size,
    );
    console.log(
      `      ${kills} kills in ${Math.round(killedIn / 100) / 10} s, ${prompts.size} prompts given, ${seen.size} intents written, ${chargedTasks.size} creates charged`,
    );
    console.log(`      struck with own tasks: ${JSON.stringify(struck)}`);
    console.log(`      ends: ${JSON.stringify(ends)}`);
  });
});
