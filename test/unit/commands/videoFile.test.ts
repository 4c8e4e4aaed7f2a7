import assert from 'node:assert/strict';
import { copyFile, mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExtensionServices } from '../../../src/container';
import type { TaskStore } from '../../../src/tasks/storage/taskStore';
import { makeMp4 } from '../../support/mp4';
import { createDoneRecord, createStore, HOUR_MS } from '../../support/records';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { env, executed, Uri, window } from '../../support/vscodeStub';
import { inFolder, Workbench } from '../../support/workbench';

const { createMetadata } = await import('../../../src/commands/videoMetadata');
const { findVideoFile } = await import('../../../src/commands/videoFile');
const { copyTaskPrompt } = await import('../../../src/commands/copy');
const { previewTask } = await import('../../../src/commands/view');
const { continueFromLastFrame } = await import('../../../src/commands/firstFrame');
const { generateAgain } = await import('../../../src/commands/generateAgain');

const GATEWAY_ID = '66f0c0ffee0123456789abcd';

describe('a video file in the explorer', () => {
  let place: string;
  let films: string;
  let store: TaskStore;
  let services: ExtensionServices;
  let workbench: Workbench;
  const shown: string[] = [];
  const copied: string[] = [];
  const before = { ...window };

  beforeEach(async () => {
    place = await makeTempDir();
    films = join(place, 'films');
    await mkdir(films);
    workbench = new Workbench(Uri.file(films));
    Object.assign(env, { clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) } });
    store = createStore(join(place, 'storage'));
    services = {
      store,
      preview: { show: (id: string) => Promise.resolve(void shown.push(id)) },
      now: () => Date.now(),
      tree: { selection: [] },
    } as unknown as ExtensionServices;
    await store.load();
    shown.length = 0;
    copied.length = 0;
  });

  afterEach(async () => {
    workbench.close();
    Object.assign(window, before);
    Reflect.deleteProperty(env, 'clipboard');
    store.dispose();
    await removeTempDir(place);
  });

  const fileOf = (name: string) => Uri.file(join(films, name)) as never;
  const find = async (name: string) => (await findVideoFile(services, fileOf(name)))?.record?.id;

  /** A video of the list, saved as `fox.mp4` with its JSON. */
  async function saveFox({ json = true, copy = true } = {}): Promise<void> {
    const bytes = makeMp4(300_000);
    await writeFile(join(films, 'fox.mp4'), bytes);
    if (copy) {
      await writeFile(await inFolder(join(place, 'storage', 'videos', 'fox.mp4')), bytes);
    }
    const record = await store.create(
      createDoneRecord('fox', 'https://files.example/fox', Date.now() + HOUR_MS, {
        gatewayId: GATEWAY_ID,
        saved: [{ uri: Uri.file(join(films, 'fox.mp4')).toString(), at: 1, bytes: bytes.length }],
        ...(copy ? { localCopy: { file: 'fox.mp4', bytes: bytes.length, at: 1 } } : {}),
      }),
    );
    if (json) {
      await writeFile(join(films, 'fox.json'), JSON.stringify(createMetadata(record, 'fox.mp4', 1)));
    }
  }

  it('is known by its place', async () => {
    await saveFox({ json: false });
    assert.equal(await find('fox.mp4'), 'fox');
  });

  it('is known by its JSON when both were renamed and cut', async () => {
    await saveFox();
    await writeFile(join(films, 'shot-1.mp4'), makeMp4(100_000));
    await rename(join(films, 'fox.json'), join(films, 'shot-1.json'));
    assert.equal(await find('shot-1.mp4'), 'fox');
  });

  it('is known by its content when it was renamed without its JSON', async () => {
    await saveFox({ json: false });
    await mkdir(join(films, 'other'));
    await rename(join(films, 'fox.mp4'), join(films, 'other', 'renamed.mp4'));
    assert.equal(await find('other/renamed.mp4'), 'fox');
    await writeFile(join(films, 'same-size.mp4'), Buffer.alloc(makeMp4(300_000).length));
    assert.equal(await find('same-size.mp4'), undefined);
  });

  it('of another computer is known by what its JSON says', async () => {
    await writeFile(join(films, 'fox.mp4'), makeMp4(100_000));
    const json = { prompt: 'A red fox', model: 'seedance-2', aspectRatio: '9:16', taskId: GATEWAY_ID, priceRoubles: 1 };
    await writeFile(join(films, 'fox.json'), JSON.stringify(json));
    const found = await findVideoFile(services, fileOf('fox.mp4'));
    assert.ok(found && !found.record);
    assert.deepEqual(found.metadata, {
      prompt: 'A red fox',
      model: 'seedance-2',
      aspectRatio: '9:16',
      taskId: GATEWAY_ID,
    });
    await copyTaskPrompt(services, fileOf('fox.mp4'));
    assert.deepEqual(copied, ['A red fox']);
    await assert.rejects(continueFromLastFrame(services, fileOf('fox.mp4')), /is not in the list of this computer/);
  });

  it('opens the preview of its task, or the player of VS Code', async () => {
    await saveFox();
    await previewTask(services, fileOf('fox.mp4'));
    assert.deepEqual(shown, ['fox']);
    await writeFile(join(films, 'foreign.mp4'), makeMp4(100_000));
    await previewTask(services, fileOf('foreign.mp4'));
    assert.deepEqual(shown, ['fox']);
    assert.equal(executed.at(-1)?.[0], 'vscode.open');
  });

  it('gives all prompts when several are selected', async () => {
    await saveFox();
    await copyFile(join(films, 'fox.mp4'), join(films, 'foreign.mp4'));
    await writeFile(join(films, 'whale.mp4'), makeMp4(50_000));
    await writeFile(join(films, 'whale.json'), '{"prompt":"A whale"}');
    const several = [fileOf('fox.mp4'), fileOf('whale.mp4')];
    await copyTaskPrompt(services, several[0], several);
    assert.equal(copied[0], `${store.get('fox')!.request.prompt}\n\nA whale`);
  });

  it('of which nothing is known says so', async () => {
    await writeFile(join(films, 'foreign.mp4'), makeMp4(100_000));
    for (const run of [copyTaskPrompt, continueFromLastFrame, generateAgain]) {
      await assert.rejects(run(services, fileOf('foreign.mp4')), /“foreign\.mp4” is no Seedance video/);
    }
  });

  for (const [what, json] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['null', 'null'],
    ['no prompt', '{"model":"x"}'],
    ['an empty prompt', '{"prompt":" "}'],
    ['a prompt that is no text', '{"prompt":{"toString":1}}'],
    ['too much', `{"prompt":"a","x":"${'x'.repeat(300_000)}"}`],
  ] as const) {
    it(`takes nothing from a JSON with ${what}`, async () => {
      await writeFile(join(films, 'fox.mp4'), makeMp4(100_000));
      await writeFile(join(films, 'fox.json'), json);
      assert.equal(await findVideoFile(services, fileOf('fox.mp4')), undefined);
    });
  }

  it('takes of a hostile JSON only what is what it should be', async () => {
    await writeFile(join(films, 'fox.mp4'), makeMp4(100_000));
    const json = { prompt: 'A fox', model: '../x y', aspectRatio: '4:3', firstFrame: { source: 7 }, taskId: {} };
    await writeFile(join(films, 'fox.json'), JSON.stringify(json));
    const found = await findVideoFile(services, fileOf('fox.mp4'));
    assert.ok(found && !found.record);
    assert.deepEqual(JSON.parse(JSON.stringify(found.metadata)), { prompt: 'A fox' });
  });

  it('reads no JSON that is a link to something else', async () => {
    await writeFile(join(films, 'fox.mp4'), makeMp4(100_000));
    await writeFile(join(place, 'private.json'), '{"prompt":"A secret"}');
    await symlink(join(place, 'private.json'), join(films, 'fox.json'));
    const { workspace } = await import('../../support/vscodeStub');
    const files = (workspace as unknown as { fs: { stat(uri: Uri): Promise<{ type: number }> } }).fs;
    const stat = files.stat.bind(files);
    // VS Code marks links; the stub follows them silently.
    files.stat = async (uri) => {
      const found = await stat(uri);
      return uri.path.endsWith('fox.json') ? { ...found, type: found.type | 64 } : found;
    };
    assert.equal(await findVideoFile(services, fileOf('fox.mp4')), undefined);
  });
});
