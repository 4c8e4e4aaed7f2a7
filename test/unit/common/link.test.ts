import assert from 'node:assert/strict';
import { isLocalFile } from '../../../src/common/link';

describe('the place of an image', () => {
  it('is a plain file of this computer', () => {
    for (const uri of ['file:///srv/anna/cat.png', 'file:///c%3A/films/%D0%BA%D0%BE%D1%82.png', 'FILE:///x']) {
      assert.ok(isLocalFile(uri), uri);
    }
  });

  it('is nothing that would be called over the network, or by an extension', () => {
    for (const uri of [
      'file://server/share/cat.png',
      'file:////server/share/cat.png',
      'file:///%2Fserver/share/cat.png',
      'file:///%5C%5Cserver/share/cat.png',
      'file:///\\\\server\\share',
      'file:\\\\server\\share',
      'file:server',
      'vscode-vfs://github/anna/films/cat.png',
      'vscode-remote://ssh-remote+evil/cat.png',
      'untitled:cat.png',
      'http://files.example/cat.png',
      'command:x',
      'file:///%E0%A4%A',
      '',
    ]) {
      assert.ok(!isLocalFile(uri), uri);
    }
  });
});
