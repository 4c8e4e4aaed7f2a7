import assert from 'node:assert/strict';
import type { ExtensionServices } from '../../../src/container';
import { CancellationError, messages } from '../../support/vscodeStub';

const { COMMANDS, runCommand } = await import('../../../src/commands/commandTable');

describe('a command', () => {
  let logged: string[];
  let askedForKey: number;

  beforeEach(() => {
    messages.length = 0;
    logged = [];
    askedForKey = 0;
  });

  /** Services of a window without tasks, whose user dismisses the prompt for the API key. */
  const services = () => {
    const log = (source: string) => logged.push(source);
    const fake = {
      store: { load: () => Promise.resolve(), list: () => [], get: () => undefined },
      tree: { selection: [] },
      apiKey: {
        get: () => {
          askedForKey++;
          return Promise.reject(new CancellationError());
        },
      },
      log: { info: log, error: log },
      now: () => 0,
    };
    return fake as unknown as ExtensionServices;
  };
  const shown = () => messages.map(({ text }) => text);

  it('shows what the user has to know, logs it, and gives nothing back', async () => {
    assert.equal(await runCommand(services(), 'seedance.exportTasks', []), undefined);
    assert.deepEqual(shown(), ['There are no tasks to export.']);
    assert.deepEqual(logged, ['seedance.exportTasks: There are no tasks to export.']);
  });

  it('shows an error that nobody expected, and offers the log', async () => {
    const broken = { ...services(), store: { load: () => Promise.reject(new Error('broken')) } };
    await runCommand(broken as unknown as ExtensionServices, 'seedance.exportTasks', []);
    assert.deepEqual(shown(), ['Something went wrong: broken The log has the details.']);
    assert.deepEqual(logged, ['seedance.exportTasks']);
  });

  it('throws invalid arguments back to the caller, before it asks for a key', async () => {
    await assert.rejects(runCommand(services(), 'seedance.generate', [{ prompt: 5 }]), { name: 'InvalidArguments' });
    assert.equal(askedForKey, 0, 'requests for the key');
    assert.deepEqual(shown(), []);
  });

  it('ends without a word when the user dismisses the prompt for the key', async () => {
    const needing = Object.entries(COMMANDS).filter(([, { needsApiKey }]) => needsApiKey);
    assert.deepEqual(needing.map(([id]) => id).sort(), ['seedance.addTask', 'seedance.showBalance']);
    assert.equal(await runCommand(services(), 'seedance.addTask', []), undefined);
    assert.equal(askedForKey, 1, 'requests for the key');
    assert.deepEqual(shown(), []);
    assert.deepEqual(logged, []);
  });

  it('asks for a task before it asks for a key', async () => {
    await runCommand(services(), 'seedance.task.check', []);
    assert.deepEqual(shown(), ['Select a task in the Seedance view first.']);
    assert.equal(askedForKey, 0, 'requests for the key');
  });
});
