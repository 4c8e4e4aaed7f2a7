import assert from 'node:assert/strict';
import { getShortcutKey, type KeyPress } from '../../../../src/webviews/preview/shortcuts';

const press = (key: string, code = '', shiftKey = false): KeyPress => ({ key, code, shiftKey });

describe('keys of the preview page', () => {
  it('are those that are written on them, in either case', () => {
    assert.equal(getShortcutKey(press('k', 'KeyK')), 'k');
    assert.equal(getShortcutKey(press('K', 'KeyK', true)), 'k');
    assert.equal(getShortcutKey(press(' ', 'Space')), ' ');
    assert.equal(getShortcutKey(press('ArrowLeft', 'ArrowLeft')), 'ArrowLeft');
    assert.equal(getShortcutKey(press('?', 'Slash', true)), '?');
  });

  it('go by the place on keyboards with other letters', () => {
    assert.equal(getShortcutKey(press('л', 'KeyK')), 'k');
    assert.equal(getShortcutKey(press('Л', 'KeyK', true)), 'k');
    assert.equal(getShortcutKey(press('б', 'Comma')), ',');
    assert.equal(getShortcutKey(press('Б', 'Comma', true)), '<');
    assert.equal(getShortcutKey(press('ю', 'Period')), '.');
    assert.equal(getShortcutKey(press('Ю', 'Period', true)), '>');
  });

  it('go by what is written where place and letter differ', () => {
    // Dvorak: the key of the letter K of other keyboards writes t, and that of V writes k.
    assert.equal(getShortcutKey(press('k', 'KeyV')), 'k');
    // German: Shift and the key of the comma write a semicolon.
    assert.equal(getShortcutKey(press(';', 'Comma', true)), '<');
    assert.equal(getShortcutKey(press('<', 'IntlBackslash')), '<');
  });

  it('are no others', () => {
    for (const event of [press('a', 'KeyA'), press('Enter', 'Enter'), press('F1', 'F1'), press('constructor')]) {
      assert.equal(getShortcutKey(event), undefined, event.key);
    }
  });
});
