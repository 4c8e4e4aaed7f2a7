import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { bundle, FileSystemError, Uri, messages } from '../../support/vscodeStub';
import { readFileSync } from 'node:fs';

const { describeSystemError } = await import('../../../src/messages/systemErrors');
const { showError } = await import('../../../src/ui/showError');

const CODES = [
  ...new Set([...Object.keys(constants.errno), ...[...getSystemErrorMap().values()].map(([code]) => code), 'ELOCK']),
];
/** As a program may hand it on: of Node, wrapped by VS Code, without its code, as a cause. */
const FORMS: Record<string, (code: string) => Error> = {
  'of Node': (code) => Object.assign(new Error(`${code}: some words, write '/x/cat.mp4'`), { code, syscall: 'write' }),
  'wrapped by VS Code': (code) =>
    new FileSystemError('Unknown', `Unable to write file '/x/cat.mp4' (Error: ${code}: some words, write)`),
  'in a message alone': (code) => new Error(`Error: ${code}: some words`),
  'as a cause': (code) => new Error('it did not work', { cause: Object.assign(new Error('x'), { code }) }),
  'as a cause of a cause': (code) =>
    new Error('it did not work', { cause: new Error('nor this', { cause: Object.assign(new Error('x'), { code }) }) }),
};
const services = { log: { info: () => undefined, error: () => undefined }, now: () => 0 };
const shown = (error: unknown) => {
  showError(services, 'test', error);
  return messages.at(-1)!.text;
};

describe('an error of the system', () => {
  afterEach(() => bundle.clear());

  for (const [form, make] of Object.entries(FORMS)) {
    it(`${form} is told in words, whatever its code, in both languages`, () => {
      for (const code of CODES) {
        const text = shown(make(code));
        assert.doesNotMatch(text, /\bE[A-Z0-9]{2,}\b/, `${code}: ${text}`);
        assert.doesNotMatch(text, /home|\/x\//, `${code}: ${text}`);
        assert.ok(text.length > 30, code);
      }
      const russian = JSON.parse(
        readFileSync(new URL('../../../l10n/bundle.l10n.ru.json', import.meta.url), 'utf8'),
      ) as Record<string, string>;
      Object.entries(russian).forEach(([key, value]) => bundle.set(key, value));
      for (const code of CODES) {
        assert.match(shown(make(code)), /^[^A-Za-z]+(?:VS Code[^A-Za-z]+)*$/, code);
      }
    });
  }

  it('says what to do about the most frequent ones', () => {
    const told = (code: string) => Object.values(FORMS).map((make) => describeSystemError(make(code))?.what);
    for (const [code, words] of [
      ['ENOSPC', /disk is full/],
      ['EDQUOT', /disk is full/],
      ['EACCES', /does not allow/],
      ['EROFS', /read-only/],
      ['ENOENT', /not there/],
      ['ENAMETOOLONG', /too long/],
      ['EMFILE', /file handles/],
      ['EIO', /does not answer/],
    ] as const) {
      told(code).forEach((what) => assert.match(what ?? '', words, code));
    }
    for (const code of ['FileNotFound', 'NoPermissions', 'Unavailable', 'FileExists']) {
      assert.ok(describeSystemError(new FileSystemError(code, 'x')), code);
    }
    assert.ok(describeSystemError(FileSystemError.FileNotFound(Uri.file('/x'))));
  });

  it('is not found in what somebody else says', () => {
    for (const text of ['EASY does it', 'the model EVA', 'An Error: nothing', 'no answer from EXAMPLE.COM']) {
      assert.equal(describeSystemError(new Error(text)), undefined, text);
    }
    assert.equal(describeSystemError('ENOSPC'), undefined);
    assert.equal(describeSystemError(undefined), undefined);
  });
});
