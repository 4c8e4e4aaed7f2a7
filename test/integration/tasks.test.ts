import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { storedTasks, type StoredTask } from './extension';
import { service } from './service';
import { withInput, expectInputTitle } from './inputBoxDriver';
import { waitFor } from '../support/waitFor';
import { collectWarnings } from './messages';

const READY_MS = 20_000;
const run = <T>(command: string, ...args: unknown[]) => vscode.commands.executeCommand<T>(command, ...args);
const settings = () => vscode.workspace.getConfiguration('seedance');
const read = async (uri: vscode.Uri) => Buffer.from(await vscode.workspace.fs.readFile(uri));

async function stored(id: string | undefined): Promise<StoredTask | undefined> {
  return (await storedTasks()).find((task) => task.id === id);
}

/** Waits until the record fits. Checks the task meanwhile, as a user does who does not want to wait for the next poll. */
async function storedWhen(id: string | undefined, fits: (task: StoredTask) => boolean): Promise<StoredTask> {
  return waitFor(
    async () => {
      const task = await stored(id);
      if (task && fits(task)) return task;
      await run('seedance.task.check', id);
      return undefined;
    },
    { withinMs: READY_MS, what: `the record of ${id}` },
  );
}

describe('tasks', () => {
  beforeEach(async () => {
    await service.clearLedger();
    await service.clearFaults();
  });

  it('need a key, which is asked for first', async () => {
    for (const [command, ...args] of [
      ['seedance.generate', { prompt: 'A cat', ask: false }],
      ['seedance.showBalance'],
      ['seedance.addTask'],
    ] as const) {
      assert.equal(await expectInputTitle(() => run(command, ...args)), 'Set API key', command);
    }
    assert.deepEqual((await service.ledger()).entries, []);
  });

  it('get the key that was stored, and the service sees it raw', async () => {
    const { key } = await service.about();
    assert.equal(await withInput(` ${key}\t`, () => run('seedance.setApiKey')), true);
    const balance = await run<{ balance: number }>('seedance.showBalance');
    assert.equal(balance.balance, 10_000);
    const keys = (await service.ledger()).entries.map(({ headers }) => headers.authorization);
    assert.ok(keys.length >= 2);
    assert.deepEqual(new Set(keys), new Set([key]));
  });

  describe('that another extension or a key binding starts', () => {
    before(async () => {
      const { key } = await service.about();
      await withInput(key, () => run('seedance.setApiKey'));
      await settings().update('confirmAbove', 1_000, vscode.ConfigurationTarget.Global);
    });
    after(() => settings().update('confirmAbove', undefined, vscode.ConfigurationTarget.Global));

    it('are refused to the caller when the argument makes no sense', async () => {
      for (const [argument, field] of [
        [{ prompt: 5 }, 'prompt'],
        [{ prompt: 'A cat', model: ' ' }, 'model'],
        [{ prompt: 'A cat', aspectRatio: '4:3' }, 'aspectRatio'],
        [{ prompt: 'A cat', firstFrame: { path: '/x' } }, 'firstFrame'],
        [{ prompt: 'A cat', ask: 'no' }, 'ask'],
        ['A cat', 'argument'],
      ] as const) {
        await assert.rejects(
          async () => run('seedance.generate', argument),
          new RegExp(`seedance\\.generate: ${field}`),
          JSON.stringify(argument),
        );
      }
      for (const prompt of ['', ' \n', 'x'.repeat(8_001)])
        assert.equal(await run('seedance.generate', { prompt, ask: false }), undefined);
      assert.deepEqual((await service.ledger()).entries, []);
      assert.deepEqual(await storedTasks(), []);
    });

    it('are sent as they were asked for, followed, fetched, saved, copied and removed', async () => {
      const id = await run<string>('seedance.generate', {
        prompt: ' A fox, running ',
        model: 'seedance-1-pro-fast-480P-2s',
        aspectRatio: '1:1',
        firstFrame: 'https://images.example/fox.jpg',
        ask: false,
      });
      const [create] = (await service.ledger()).creates();
      assert.deepEqual(create?.body, {
        model: 'seedance-1-pro-fast-480P-2s',
        prompt: 'A fox, running',
        ar: '1:1',
        images: ['https://images.example/fox.jpg'],
      });
      const accepted = await stored(id);
      assert.equal(accepted?.gatewayId, create?.taskId);
      assert.equal(accepted?.quotedPrice, 4);

      await storedWhen(id, ({ state, localCopy }) => state === 'done' && localCopy !== undefined);
      const [download] = (await service.ledger()).downloads();
      const served = Buffer.from(
        await (await fetch(`${(await service.about()).filesUrl}${download?.path}`)).arrayBuffer(),
      );
      const saved = [
        ...(await run<string[]>('seedance.task.save', id)),
        ...(await run<string[]>('seedance.task.save', { id })),
      ].map((uri) => vscode.Uri.parse(uri));
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.deepEqual(
        saved.map(String),
        // The second time it is saved already, and is no second file unless the user says so.
        ['A-fox-running.mp4', 'A-fox-running.mp4'].map((name) =>
          vscode.Uri.joinPath(folder ?? vscode.Uri.file('/'), 'seedance', name).toString(),
        ),
      );
      for (const uri of saved) {
        assert.ok((await read(uri)).equals(served), `${uri.path} differs from what was served`);
        const metadata = JSON.parse((await read(uri.with({ path: uri.path.replace(/mp4$/, 'json') }))).toString()) as {
          prompt: string;
          firstFrame: { source: string };
          taskId: string;
        };
        assert.equal(metadata.prompt, 'A fox, running');
        assert.equal(metadata.firstFrame.source, 'https://images.example/fox.jpg');
        assert.equal(metadata.taskId, accepted?.gatewayId);
      }
      assert.deepEqual(
        (await stored(id))?.saved.map(({ uri }) => uri),
        [saved[0]?.toString()],
      );

      for (const [command, text] of [
        ['copyPrompt', 'A fox, running'],
        ['copyId', accepted?.gatewayId],
      ] as const) {
        await run(`seedance.task.${command}`, id);
        assert.equal(await vscode.env.clipboard.readText(), text);
      }
      await run('seedance.task.copyLink', id);
      assert.match(await vscode.env.clipboard.readText(), /^http:\/\/127\.0\.0\.1:\d+\/.*_result\.mp4$/);

      // It is saved, so nothing is lost and nothing is asked. What was saved stays.
      await run('seedance.task.remove', id);
      const left = await stored(id);
      assert.ok(left === undefined || left.removedAt !== undefined, 'the record is still there');
      assert.ok((await read(saved[0] ?? vscode.Uri.file('/'))).equals(served));
    });

    it('fall back to the defaults where a setting is nonsense', async () => {
      const { Global } = vscode.ConfigurationTarget;
      await settings().update('aspectRatio', '4:3', Global);
      await settings().update('model', 7, Global);
      try {
        await run('seedance.generate', { prompt: 'A stone', ask: false });
      } finally {
        await settings().update('aspectRatio', undefined, Global);
        await settings().update('model', undefined, Global);
      }
      assert.deepEqual(
        (await service.ledger()).creates().map(({ body }) => body),
        [{ model: 'seedance-1-pro-1080P-5s', prompt: 'A stone', ar: '16:9' }],
      );
    });

    it('stay in the list when the service refuses them, with why', async () => {
      const id = await run<string>('seedance.generate', { prompt: 'Something #1002', ask: false });
      const task = (await stored(id)) as StoredTask & { error?: { kind: string } };
      assert.equal(task.state, 'failed');
      assert.equal(task.error?.kind, 'unsafe-prompt');
      assert.deepEqual((await service.ledger()).charged(), []);
    });

    it('are never sent again by themselves when the answer was lost', async () => {
      await service.addFaults({ kind: 'resetAfterRead', match: { route: 'create' } });
      const id = await run<string>('seedance.generate', { prompt: 'A lost letter', ask: false });
      assert.equal((await stored(id))?.state, 'unknown');
      await run('seedance.refresh');
      await sleep(1_000);
      const ledger = await service.ledger();
      assert.equal(ledger.creates().length, 1, 'orders that the service received');
      assert.equal(ledger.charged().length, 1, 'charges');
    });
  });

  it('lose nothing with the key, which is forgotten when it is removed', async () => {
    await run('seedance.removeApiKey');
    assert.equal(await expectInputTitle(() => run('seedance.showBalance')), 'Set API key');
  });

  it('that do not exist are told about, not thrown', async () => {
    for (const command of [
      'preview',
      'save',
      'saveAs',
      'again',
      'check',
      'copyPrompt',
      'copyId',
      'copyLink',
      'copyMarkdown',
      'insert',
      'exportGif',
      'exportFrames',
      'reveal',
      'remove',
      'addId',
    ]) {
      const warnings = await collectWarnings(() => Promise.resolve(run(`seedance.task.${command}`, 'no-such-task')));
      assert.deepEqual(warnings, ['This task is no longer in the list.'], command);
    }
  });
});
