import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundle } from '../../../support/bundle';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';
import { waitFor } from '../../../support/waitFor';

const TAKEOVER_MS = 15_000;

interface Candidate {
  readonly child: ChildProcess;
  words: string;
}

const holds = ({ words }: Candidate): boolean => words.trimEnd().endsWith('held');

/** A folder, and processes that want its lease. */
class Scene {
  readonly #children: ChildProcess[] = [];

  constructor(
    readonly place: string,
    readonly script: string,
  ) {}

  async candidate(): Promise<Candidate> {
    const child = spawn(process.execPath, [this.script, this.place], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#children.push(child);
    const made: Candidate = { child, words: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      made.words += text;
    });
    await waitFor(() => made.words.includes('ready'), { withinMs: 10_000 });
    return made;
  }

  async end(): Promise<void> {
    this.#children.forEach((child) => child.kill('SIGKILL'));
    await removeTempDir(this.place);
  }
}

const SCENES: Record<string, (scene: Scene) => Promise<void>> = {
  async 'has another holder soon after a kill'(scene) {
    const one = await scene.candidate();
    await waitFor(() => holds(one));
    const two = await scene.candidate();
    one.child.kill('SIGKILL');
    // By its process, which is gone: no need to wait for silence.
    await waitFor(() => holds(two), { withinMs: 4_000, what: 'the takeover' });
    assert.deepEqual(await readdir(join(scene.place, 'worker')), ['2']);
  },

  async 'replaces a stopped holder within fifteen seconds, which steps down when it goes on'(scene) {
    const one = await scene.candidate();
    await waitFor(() => holds(one));
    const two = await scene.candidate();
    one.child.kill('SIGSTOP');
    await waitFor(() => holds(two), { withinMs: TAKEOVER_MS, what: 'the takeover' });
    one.child.kill('SIGCONT');
    await waitFor(() => one.words.trimEnd().endsWith('lost'), { withinMs: 4_000, what: 'the first steps down' });
    assert.ok(holds(two));
  },

  async 'replaces a holder of another machine within fifteen seconds'(scene) {
    await mkdir(join(scene.place, 'worker'));
    await writeFile(join(scene.place, 'worker', '1'), 'another-machine:1:abc');
    const one = await scene.candidate();
    const startedAt = performance.now();
    await waitFor(() => holds(one), { withinMs: TAKEOVER_MS, what: 'the takeover' });
    assert.ok(performance.now() - startedAt > 8_000, 'and not before');
    assert.match(await readFile(join(scene.place, 'worker', '2'), 'utf8'), new RegExp(`:${one.child.pid}:`));
  },

  async 'has one holder when many start at once'(scene) {
    const many = await Promise.all(Array.from({ length: 5 }, () => scene.candidate()));
    await waitFor(() => many.some(holds));
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    assert.equal(many.filter(holds).length, 1);
  },
};

describe('lease: real processes', function () {
  this.timeout(60_000);
  const scenes: Scene[] = [];
  /** All at once: they mostly wait. */
  const ends = new Map<string, Promise<unknown>>();

  before(async () => {
    const script = await bundle('leaseProcess');
    for (const [name, play] of Object.entries(SCENES)) {
      const scene = new Scene(await makeTempDir(), script);
      scenes.push(scene);
      // Told by the test that asks for it.
      ends.set(
        name,
        play(scene).then(
          () => undefined,
          (error: unknown) => error ?? new Error('failed'),
        ),
      );
    }
  });

  after(() => Promise.all(scenes.map((scene) => scene.end())));

  for (const name of Object.keys(SCENES)) {
    it(name, async () => {
      const error = await ends.get(name);
      if (error !== undefined) {
        throw error as Error;
      }
    });
  }
});
