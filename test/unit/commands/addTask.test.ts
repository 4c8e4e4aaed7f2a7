import { window } from '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { ApiError } from '../../../src/api/apiError';
import type { ExtensionServices } from '../../../src/container';
import { ESCAPE, FakeInputBox } from '../../support/fakeInputBox';

const { addTask } = await import('../../../src/commands/addTask');

const ID = '6836d2f1a3b4c5d6e7f80912';

describe('adding a task by its ID', () => {
  const before = { ...window };
  let boxes: FakeInputBox[];
  let script: (string | typeof ESCAPE)[][];
  let said: string[];
  let asked: { id: string; keepAnyway: boolean }[];
  let answer: (id: string) => unknown;

  beforeEach(() => {
    [boxes, script, said, asked] = [[], [], [], []];
    const say = (text: string) => Promise.resolve(void said.push(text));
    Object.assign(window, {
      createInputBox: () => {
        const box = new FakeInputBox(script.shift() ?? []);
        boxes.push(box);
        return box;
      },
      // Every question is declined.
      showWarningMessage: say,
      showErrorMessage: say,
    });
  });
  afterEach(() => {
    Reflect.deleteProperty(window, 'createInputBox');
    Object.assign(window, before);
  });

  const run = () =>
    addTask({
      store: { load: () => Promise.resolve(), findByGatewayId: () => undefined },
      submission: {
        add: (id: string, { keepAnyway = false }) => {
          asked.push({ id, keepAnyway });
          const result = answer(id);
          return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
        },
      },
      notifier: { watchTask: () => undefined },
      log: { info: () => undefined, error: () => undefined, warn: () => undefined },
      now: () => 0,
    } as unknown as ExtensionServices);

  it('goes back to the box with what was typed when the service could not be asked and the question is declined', async () => {
    answer = () => new ApiError('no-answer');
    script = [[` ${ID} `], [ESCAPE]];
    assert.equal(await run(), undefined);
    assert.deepEqual(
      boxes.map(({ begunWith }) => begunWith),
      ['', ` ${ID} `],
    );
    assert.equal(said.length, 1);
    assert.deepEqual(asked, [{ id: ID, keepAnyway: false }], 'it was added without a yes');
  });

  it('lets an ID that the service does not know be corrected, and says what is wrong with it', async () => {
    const wrong = ID.replace('6', '7');
    answer = (id) => (id === wrong ? new ApiError('not-found') : { id: 'a1' });
    script = [[wrong], [ID]];
    assert.equal(await run(), 'a1');
    assert.deepEqual(
      boxes.map(({ begunWith }) => begunWith),
      ['', wrong],
    );
    assert.equal(said.length, 1);
  });

  it('ends with Escape in the box', async () => {
    script = [[ESCAPE]];
    assert.equal(await run(), undefined);
    assert.deepEqual([boxes.length, asked.length], [1, 0]);
  });
});
