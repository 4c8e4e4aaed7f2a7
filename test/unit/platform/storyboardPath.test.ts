import '../../support/vscodeStub';
import assert from 'node:assert/strict';

const { parseStoryboardPath, toStoryboardPath } = await import('../../../src/platform/storyboardPath');

describe('the path of a storyboard that was typed', () => {
  it('gets the ending that makes it one, and may lead through folders', () => {
    for (const [typed, parts] of [
      ['film', ['film.storyboard.md']],
      ['film.md', ['film.storyboard.md']],
      ['film.storyboard', ['film.storyboard.md']],
      ['film.Storyboard.MD', ['film.storyboard.md']],
      [' films\\night/film.storyboard.md ', ['films', 'night', 'film.storyboard.md']],
      ['./v1.2', ['v1.2.storyboard.md']],
      ['фильм', ['фильм.storyboard.md']],
    ] as const) {
      assert.deepEqual(parseStoryboardPath(typed), parts, typed);
    }
    assert.equal(toStoryboardPath('/a/b.md'), '/a/b.storyboard.md');
  });

  it('is refused when it is no name, or leads elsewhere', () => {
    for (const typed of [
      '',
      ' ',
      '.',
      '/etc/film',
      '../film',
      'a/../film',
      'films/',
      'C:\\film',
      'a?b',
      '.md',
      '.storyboard.md',
    ]) {
      assert.equal(parseStoryboardPath(typed), undefined, typed);
    }
  });
});
