import assert from 'node:assert/strict';
import { validateImage } from '../../../src/images/imageInfo';
import { GenerationRequest, needsConfirmation, type SelectedFrame } from '../../../src/generation/generationRequest';
import { png } from '../../support/imageHeaders';
import '../../support/vscodeStub';

const { findTaskId } = await import('../../../src/commands/addTask');

const frame = (name: string): SelectedFrame => ({
  image: { source: `https://example.org/${name}`, label: name, link: `https://example.org/${name}` },
  delivery: 'link',
});
const photo = (width: number, height: number): SelectedFrame => {
  const bytes = png(width, height);
  return {
    image: {
      source: 'file:///w/a.png',
      label: 'a.png',
      file: { facts: validateImage(bytes), read: () => Promise.resolve(bytes) },
    },
    delivery: 'inline',
  };
};
const requestOf = (prompts: string[], frames: SelectedFrame[] = []) =>
  new GenerationRequest({ prompts, frames, model: 'm', aspectRatio: '16:9' });

describe('a generation request', () => {
  it('is one task a prompt', () => {
    assert.deepEqual(requestOf(['a', 'b']).tasks, [
      { prompt: 'a', aspectRatio: '16:9' },
      { prompt: 'b', aspectRatio: '16:9' },
    ]);
  });

  it('is one task a first frame, with each prompt', () => {
    const [one, two] = [frame('1.png'), frame('2.png')];
    assert.deepEqual(requestOf(['a'], [one, two]).tasks, [
      { prompt: 'a', aspectRatio: '16:9', frame: one },
      { prompt: 'a', aspectRatio: '16:9', frame: two },
    ]);
    assert.equal(requestOf(['a', 'b'], [one, two]).tasks.length, 4);
  });

  it('gives each image the aspect ratio that is nearest to it, until one is chosen', () => {
    const [wide, high, unknown] = [photo(1600, 900), photo(900, 1500), frame('1.png')];
    const proposed = requestOf(['a'], [wide, high, unknown]).with({ aspectRatio: '1:1' });
    assert.deepEqual(
      proposed.tasks.map(({ aspectRatio }) => aspectRatio),
      ['16:9', '9:16', '1:1'],
    );
    assert.deepEqual(proposed.mismatchedFrames, [high]);
    const chosen = proposed.with({ isRatioChosen: true });
    assert.deepEqual(chosen.aspectRatios, ['1:1']);
    assert.deepEqual(chosen.mismatchedFrames, [wide, high]);
    assert.deepEqual(requestOf(['a']).aspectRatios, ['16:9'], 'without an image it is what the settings say');
  });

  it('offers to crop what does not match its video, or else every image that is a file', () => {
    const [wide, high, unknown] = [photo(1600, 900), photo(900, 1500), frame('1.png')];
    assert.deepEqual(requestOf(['a'], [wide, high, unknown]).croppableFrames, [high]);
    assert.deepEqual(requestOf(['a'], [wide, unknown]).croppableFrames, [wide]);
    assert.deepEqual(requestOf(['a'], [unknown]).croppableFrames, []);
  });

  it('is not changed by a copy with other values', () => {
    const first = requestOf(['a'], [frame('1.png')]);
    const second = first.with({ prompts: ['b'], frames: [] });
    assert.deepEqual(first.prompts, ['a']);
    assert.equal(first.frames.length, 1);
    assert.deepEqual(second.tasks, [{ prompt: 'b', aspectRatio: '16:9' }]);
    assert.equal(second.model, 'm');
  });

  it('costs the price of each, and an unknown price has no sum', () => {
    assert.equal(requestOf(['a', 'b', 'c']).totalPrice(50), 150);
    assert.equal(requestOf(['a', 'b', 'c']).totalPrice(undefined), undefined);
  });

  it('is confirmed above the limit, and always when the price is unknown', () => {
    assert.equal(needsConfirmation(50, 0), true);
    assert.equal(needsConfirmation(50, 50), false);
    assert.equal(needsConfirmation(50.01, 50), true);
    assert.equal(needsConfirmation(0, 1e9), true, 'no video is free');
    assert.equal(needsConfirmation(undefined, 1e9), true);
  });
});

describe('a task ID that was pasted', () => {
  const id = '6836d2f1a3b4c5d6e7f80912';

  it('is found in what people copy', () => {
    for (const text of [
      id,
      ` ${id}\n`,
      `https://gptunnel.ru/v1/media/result?task_id=${id}`,
      `{"id": "${id}", "status": "idle"}`,
      `task a1 is ${id} at the service`,
    ]) {
      assert.equal(findTaskId(text), id, text);
    }
  });

  it('may have another shape than those seen', () => {
    assert.equal(findTaskId('task-42_a'), 'task-42_a');
    assert.equal(findTaskId('https://x.example/?task_id=task-42'), 'task-42');
  });

  it('is not guessed', () => {
    for (const text of [
      '',
      '  ',
      'two words',
      `${id} and ${id.replace('6', '7')}`,
      '../../etc/passwd',
      'x'.repeat(129),
      'кот',
    ]) {
      assert.equal(findTaskId(text), undefined, text);
    }
  });
});
