import assert from 'node:assert/strict';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TextDocument } from 'vscode';
import type { ExtensionServices } from '../../../src/container';
import { ImageStore } from '../../../src/images/imageStore';
import type { ResolvedShot } from '../../../src/storyboard/resolve';
import { StoryboardRuns } from '../../../src/storyboard/storyboardRuns';

import { withShotDocument } from '../../../src/tasks/model/transitions';
import { DownloadError } from '../../../src/tasks/model/errors';
import { createGenerationServices } from '../../support/generationServices';
import { FakeQuickPick } from '../../support/fakeQuickPick';
import { startHarness, TestHarness } from '../../support/harness';
import { png } from '../../support/imageHeaders';
import { EventEmitter, messages, settings, Uri, user, window, workspace } from '../../support/vscodeStub';

const { runStoryboard } = await import('../../../src/generation/storyboardRun');
const { StoryboardRunner } = await import('../../../src/generation/storyboardRunner');

const MODEL = 'seedance-1-pro-480P-2s';

const FILM = `# Film
## Shot 1: Night
> A fox runs.
## Shot 2: Rain
- continue: Shot 1
> The fox stops.
## Shot 3: Snow
- continue: Shot 2
> The fox sleeps.
## Shot 4: Sun
> A bird sings.
`;

describe('a run of a storyboard', function () {
  this.timeout(60_000);
  let harness: TestHarness;
  let services: ExtensionServices;
  let text: string;
  let questions: FakeQuickPick[];
  let takes: string | undefined;
  let frames: string[];
  let frameFails: boolean;
  let isGone: boolean;
  let saved: EventEmitter<unknown>;
  let renamed: EventEmitter<unknown>;
  let uri: string;
  let before: { window: object; workspace: object };

  const document = {
    uri: Uri.file('/films/fox.storyboard.md'),
    languageId: 'markdown',
    getText: () => text,
  } as unknown as TextDocument;

  beforeEach(async () => {
    harness = await startHarness();
    settings.set('seedance.apiBaseUrl', harness.emulator.baseUrl);
    settings.set('seedance.firstFrame.delivery', 'inline');
    [text, questions, takes, frames, frameFails, isGone] = [FILM, [], 'generate', [], false, false];
    [saved, renamed] = [new EventEmitter(), new EventEmitter()];
    Object.assign(document, { uri: Uri.file('/films/fox.storyboard.md') });
    uri = document.uri.toString();
    const none = new EventEmitter<unknown>().event;
    before = { window: { ...window }, workspace: { ...workspace } };
    Object.assign(window, {
      createQuickPick: () => {
        const question = new FakeQuickPick((pick) => (takes === undefined ? pick.hide() : pick.choose(takes)));
        questions.push(question);
        return question;
      },
    });
    Object.assign(workspace, {
      openTextDocument: () => Promise.resolve(document),
      textDocuments: [document],
      onDidSaveTextDocument: saved.event,
      onDidDeleteFiles: none,
      onDidRenameFiles: renamed.event,
      getWorkspaceFolder: () => undefined,
      fs: {
        stat: async ({ path: file }: Uri) => {
          if (file === document.uri.path) {
            assert.ok(!isGone, 'is gone');
            return { type: 1, size: 1, mtime: 1 };
          }
          const { size, mtimeMs } = await stat(file);
          return { type: 1, size, mtime: mtimeMs };
        },
        readFile: ({ path: file }: Uri) => readFile(file),
      },
    });
    const generation = createGenerationServices(harness, MODEL, () => harness.emulator.baseUrl);
    services = {
      ...generation,
      context: { workspaceState: { get: () => undefined, update: () => Promise.resolve() } },
      storyboardRuns: new StoryboardRuns(),
      imageStore: new ImageStore(harness.directory),
      frames: {
        takeLastFrame: (id: string) => {
          frames.push(id);
          return frameFails
            ? Promise.reject(new DownloadError('not-found'))
            : Promise.resolve({
                picture: png(640 + frames.length, 360),
                label: 'Last frame',
                from: { task: id, seconds: 2, isLast: true },
              });
        },
      },
    } as unknown as ExtensionServices;
    settings.set('seedance.model', MODEL);
    messages.length = 0;
  });

  afterEach(async () => {
    settings.clear();
    user.onMessage = undefined;
    Object.assign(window, before.window);
    for (const name of Object.keys(workspace)) {
      Reflect.deleteProperty(workspace, name);
    }
    Object.assign(workspace, before.workspace);
    await harness.end();
    await harness.emulator.close();
  });

  const run = () => harness.run(runStoryboard(services, document));
  const sent = () => harness.emulator.ledger.creates().map(({ body }) => (body as { prompt: string }).prompt);
  const waiting = () => services.storyboardRuns.waitingOf(uri).map(({ label }) => label);
  /** Both clocks go on: that of the tasks, and that of the run. */
  async function until(what: string, condition: () => boolean): Promise<void> {
    for (let times = 0; !condition(); times++) {
      assert.ok(
        times < 400,
        `${what}: sent ${sent().join(' | ')}; said ${messages.map(({ text: m }) => m).join(' | ')}`,
      );
      await harness.clock.pass(4_000);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }
  const said = () => messages.map(({ text: message }) => message).join('\n');
  const takeOf = (label: string) => harness.store.list().filter(({ shot }) => shot?.label === label);

  it('asks once, sends what can be sent, and each other shot with the last frame of the one before it', async () => {
    await run();
    assert.equal(questions.length, 1);
    const [question] = questions;
    assert.match(question!.items[0]!.label, /Generate 4 videos – .*₽/);
    assert.deepEqual(
      question!.items.filter(({ action }) => action?.kind === 'text').map(({ label }) => label),
      ['$(play) Shot 1: Night', '$(watch) Shot 2: Rain', '$(watch) Shot 3: Snow', '$(play) Shot 4: Sun'],
    );
    assert.deepEqual(sent().sort(), ['A bird sings.', 'A fox runs.']);
    assert.deepEqual(waiting(), ['Shot 2', 'Shot 3']);
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    assert.equal(sent().length, 4);
    assert.deepEqual(waiting(), []);
    assert.deepEqual(frames, [takeOf('Shot 1')[0]!.id, takeOf('Shot 2')[0]!.id]);
    const [third] = takeOf('Shot 3');
    assert.deepEqual(third!.request.firstFrame?.from, { task: takeOf('Shot 2')[0]!.id, seconds: 2, isLast: true });
    assert.deepEqual(third!.shot, { document: uri, label: 'Shot 3', title: 'Snow' });
    assert.equal(questions.length, 1);
    await assert.rejects(run(), /Nothing is missing: each shot has a take/);
  });

  it('keeps back only the shots whose first frame it must not or cannot open', async () => {
    text =
      '## Shot 1\n- first frame: ![](../secret/x.png)\n> A fox.\n' +
      '## Shot 2\n- first frame: ![](data:image/png;base64,AAAA)\n> A hare.\n' +
      '## Shot 3\n> A bird.\n## Shot 4\n- first frame: locked.png\n> A mole.\n';
    await run();
    assert.deepEqual(sent(), ['A bird.']);
  });

  it('shows the whole text of a shot before it is sent', async () => {
    const prompt = 'fox '.repeat(1_990).trim();
    text = `## Shot 1\n> ${prompt}\n`;
    takes = 'text';
    let shown: string | undefined;
    Object.assign(window, {
      showInformationMessage: (_: string, { detail }: { detail: string }) => {
        shown = detail;
        takes = undefined;
        return Promise.resolve(undefined);
      },
    });
    assert.equal(await run(), undefined);
    assert.ok(shown?.startsWith(`${prompt}\n\n`), shown);
    assert.deepEqual(sent(), []);
  });

  it('sends nothing when the user gives up', async () => {
    takes = undefined;
    assert.equal(await run(), undefined);
    assert.deepEqual([sent(), harness.store.list(), waiting()], [[], [], []]);
  });

  it('stops only what follows from a failure, says so, and repeats it when it is run again', async () => {
    harness.emulator.faults.add({ kind: 'code', code: 7, match: { route: 'create', nth: 1 } });
    await run();
    await until('what waited is given up', () => waiting().length === 0);
    assert.deepEqual(
      takeOf('Shot 1').map(({ state }) => state),
      ['failed'],
    );
    assert.equal(sent().length, 2);
    assert.match(
      messages.map(({ text: message }) => message).join('\n'),
      /Shot 2: Rain was not sent, because Shot 1: Night has no take/,
    );
    await run();
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    assert.equal(sent().length, 5);
  });

  it('waits for what may have been charged, and goes on once it is found', async () => {
    harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
    await run();
    const [lost] = takeOf('Shot 1');
    assert.equal(lost!.state, 'unknown');
    await until('the other shot', () => takeOf('Shot 4')[0]?.state === 'done');
    assert.deepEqual(waiting(), ['Shot 2', 'Shot 3']);
    await assert.rejects(run(), /Nothing was sent\. Shot 1: It may have been sent and charged/);
    const id = harness.emulator.ledger.creates().flatMap(({ taskId }) => taskId ?? [])[0]!;
    await harness.run(harness.generate.add(id, { bindTo: lost!.id }));
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    assert.equal(sent().length, 4);
  });

  for (const [what, change, told, left] of [
    [
      'was changed meanwhile',
      () => (text = FILM.replace('The fox stops.', 'The fox jumps.')),
      /Shot 2: Rain was changed while it waited/,
      [],
    ],
    [
      'was removed meanwhile',
      () => (text = FILM.replace(/## Shot 2[^]*?(?=## Shot 3)/, '')),
      /Shot 2: Rain is no longer in the storyboard/,
      // It names a shot that is not there, which its author may be about to write.
      ['Shot 3'],
    ],
    [
      'is in a file that was deleted',
      () => (isGone = true),
      /The storyboard is gone, so what waited was not sent: Shot 2: Rain, Shot 3: Snow/,
      [],
    ],
  ] as const) {
    it(`sends nothing of what waited and ${what}`, async () => {
      await run();
      change();
      await until('what waited is given up', () => said() !== '' && waiting().length === left.length);
      assert.deepEqual(waiting(), left);
      await until('what was sent', () => harness.store.list().every(({ state }) => state === 'done'));
      assert.equal(sent().length, 2);
      assert.match(said(), told);
    });
  }

  it('holds still while git’s marks are in the file, and goes on when they are gone', async () => {
    await run();
    text = `<<<<<<< HEAD\n${FILM}=======\n>>>>>>> other\n`;
    await until('the first shots', () => harness.store.list().every(({ state }) => state === 'done'));
    await harness.clock.pass(5_000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual(waiting(), ['Shot 2', 'Shot 3']);
    await assert.rejects(run(), /Git left a merge conflict here/);
    text = FILM;
    saved.fire(document);
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
  });

  it('waits after a rename until the tasks have followed, and goes on under the new name', async () => {
    await run();
    const newUri = Uri.file('/films/wolf.storyboard.md');
    renamed.fire({ files: [{ oldUri: document.uri, newUri }] });
    await until('the first shots', () => harness.store.list().every(({ state }) => state === 'done'));
    await harness.clock.pass(5_000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(sent().length, 2);
    assert.deepEqual(services.storyboardRuns.waitingOf(newUri.toString()).length, 2);
    uri = newUri.toString();
    Object.assign(document, { uri: newUri });
    for (const { id } of harness.store.list()) {
      await harness.store.update(id, withShotDocument(uri));
    }
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    assert.deepEqual([...new Set(harness.store.list().map(({ shot }) => shot?.document))], [uri]);
  });

  it('goes on in the file that a draft was saved as', async () => {
    Object.assign(document, { uri: new Uri('untitled', '/films/fox.storyboard.md') });
    uri = document.uri.toString();
    await run();
    assert.deepEqual(waiting(), ['Shot 2', 'Shot 3']);
    Object.assign(document, { uri: Uri.file('/films/fox.storyboard.md') });
    const former = uri;
    uri = document.uri.toString();
    saved.fire(document);
    await until('the run follows', () => waiting().length === 2);
    for (const { id, shot } of harness.store.list()) {
      assert.equal(shot?.document, former);
      await harness.store.update(id, withShotDocument(uri));
    }
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
  });

  it('says in the question what a prompt contradicts', async () => {
    text = FILM.replace('A bird sings.', 'A bird sings. --ar 9:16');
    takes = undefined;
    await run();
    const row = questions[0]!.items.find(({ label }) => label.includes('Shot 4'));
    assert.match(row?.detail ?? '', /“--ar 9:16” in the prompt says something else than model or ratio/);
  });

  it('is stopped by the user: what was sent goes on, what waited is not sent', async () => {
    await run();
    assert.equal(StoryboardRunner.of(services).stop(document.uri as never), 2);
    await until('what was sent', () => harness.store.list().every(({ state }) => state === 'done'));
    assert.deepEqual([sent().length, waiting()], [2, []]);
  });

  it('sends nothing for a shot whose first frame cannot be taken, and says so', async () => {
    frameFails = true;
    await run();
    await until('what waited is given up', () => waiting().length === 0);
    assert.equal(sent().length, 2);
    assert.match(said(), /fox\.storyboard\.md: Shot 2: Rain: /);
  });

  it('is stopped also while a last frame is taken', async () => {
    let goOn: (() => void) | undefined;
    const { takeLastFrame } = services.frames;
    Object.assign(services.frames, {
      takeLastFrame: async (id: string) => {
        await new Promise<void>((resolve) => (goOn = resolve));
        return takeLastFrame(id);
      },
    });
    await run();
    await until('a frame is taken', () => goOn !== undefined);
    assert.equal(StoryboardRunner.of(services).stop(document.uri as never), 2);
    goOn!();
    await until('what was sent', () => harness.store.list().every(({ state }) => state === 'done'));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual([sent().length, waiting()], [2, []]);
  });

  it('sends nothing that was changed while its last frame was taken', async () => {
    const { takeLastFrame } = services.frames;
    Object.assign(services.frames, {
      takeLastFrame: (id: string) => {
        text = FILM.replace('The fox stops.', 'The fox jumps.');
        return takeLastFrame(id);
      },
    });
    await run();
    await until('what waited is given up', () => waiting().length === 0);
    assert.equal(sent().length, 2);
    assert.match(said(), /Shot 2: Rain was changed while it waited/);
  });

  it('leaves a shot alone that another run has sent, also where one more take of it was wanted', async () => {
    harness.emulator.faults.add({ kind: 'resetAfterRead', match: { route: 'create', nth: 1 } });
    const isSecond = ({ identity }: ResolvedShot) => identity.label === 'Shot 2';
    await harness.run(runStoryboard(services, document, { only: 1, again: isSecond }));
    assert.deepEqual(waiting(), ['Shot 2']);
    const shot = takeOf('Shot 1')[0]!.shot!;
    await harness.make({ prompt: 'A fox runs.', shot });
    text = `<<<<<<< HEAD\n${FILM}=======\n>>>>>>> other\n`;
    await until('Shot 1', () => takeOf('Shot 1').some(({ state }) => state === 'done'));
    text = FILM;
    await run();
    await until('the rest', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    await harness.clock.pass(10_000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.equal(sent().filter((prompt) => prompt === 'The fox stops.').length, 1);
  });

  it('waits while its author is writing in a shot that waits', async () => {
    await run();
    text = FILM.replace('- continue: Shot 1\n', '- continue: Shot 1\n- ratio: 7\n');
    await until('the first shots', () => harness.store.list().every(({ state }) => state === 'done'));
    await harness.clock.pass(5_000);
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert.deepEqual([waiting(), messages], [['Shot 2', 'Shot 3'], []]);
    text = FILM;
    saved.fire(document);
    await until('the whole film', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
  });

  it('leaves only the shot out whose image cannot be used, and says why', async () => {
    text = `${FILM}## Shot 5: Out\n- first frame: ![](missing/x.png)\n> A cat.\n`;
    await run();
    assert.match(questions[0]!.items[0]!.label, /Generate 4 videos/);
    assert.ok(questions[0]!.items.some(({ label }) => label === '$(warning) Shot 5: Out'));
    await until('the others', () => harness.store.list().filter(({ state }) => state === 'done').length === 4);
    await assert.rejects(run(), /Nothing was sent\. Shot 5/);
  });

  it('sends no other image than the one that was asked about', async () => {
    const folder = path.join(harness.directory, 'films');
    await mkdir(folder, { recursive: true });
    Object.assign(document, { uri: Uri.file(path.join(folder, 'fox.storyboard.md')) });
    await writeFile(path.join(folder, 'desk.png'), png(640, 360));
    text = '# F\n## Shot 1: A\n- first frame: ![](desk.png)\n> A cat.\n';
    Object.assign(window, {
      createQuickPick: () =>
        new FakeQuickPick((pick) => {
          questions.push(pick);
          void writeFile(path.join(folder, 'desk.png'), png(641, 361)).then(() => pick.choose('generate'));
        }),
    });
    await run();
    assert.deepEqual([sent(), harness.store.list()], [[], []]);
    assert.match(said(), /Shot 1: A: its image was changed after you had been asked/);
  });

  it('is of a storyboard that another window runs at the same time: each shot is sent once', async () => {
    const { directory, emulator, clock, processes } = harness;
    const second = await new TestHarness(directory, {
      directory,
      emulator,
      clock,
      processes,
      name: 'window-2',
      seed: 2,
    }).start();
    const others = {
      ...services,
      ...createGenerationServices(second, MODEL, () => emulator.baseUrl),
      storyboardRuns: new StoryboardRuns(),
      context: services.context,
    } as unknown as ExtensionServices;
    try {
      await harness.run(Promise.all([runStoryboard(services, document), runStoryboard(others, document)]));
      const isDone = () => {
        const done = harness.store.list().filter(({ state }) => state === 'done');
        return new Set(done.map(({ shot }) => shot?.label)).size === 4;
      };
      await until('the whole film', isDone);
      await harness.clock.pass(10_000);
      assert.deepEqual(sent().sort(), ['A bird sings.', 'A fox runs.', 'The fox sleeps.', 'The fox stops.']);
      assert.equal(harness.store.list().length, 4);
    } finally {
      second.close();
    }
  });
});
