import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseImageTarget } from '../../../src/images/imageReference';
import { character } from '../../support/character';

describe('what a reference to an image leads to', () => {
  it('is a path, a link, a file or the image itself', () => {
    const path = (text: string, isFromRoot = false) => ({ kind: 'path', path: text, isFromRoot });
    const link = (href: string, label: string) => ({ kind: 'link', href, label });
    const cases: [string, unknown][] = [
      ['img/boat.png', path('img/boat.png')],
      ['../img/my%20boat.png?raw=true#top', path('../img/my boat.png')],
      ['/img/boat.png', path('/img/boat.png', true)],
      ['img\\boat.png', path('img/boat.png')],
      ['100%.png', path('100%.png')],
      ['%2e%2e/%2e%2e/etc/passwd', path('../../etc/passwd')],
      ['%5c%5cevil%5cshare%5cx.png', path('//evil/share/x.png', true)],
      ['C:/private.png', path('C:/private.png')],
      ['https://images.example/a%20b.png', link('https://images.example/a%20b.png', 'a b.png')],
      ['HTTP://images.example/', link('http://images.example/', 'images.example')],
      ['//images.example/a.png', link('https://images.example/a.png', 'a.png')],
      ['file:///srv/me/private.png', { kind: 'file', uri: 'file:///srv/me/private.png' }],
      ['data:image/png;base64,AQID', { kind: 'data', bytes: Buffer.from([1, 2, 3]) }],
    ];
    for (const [target, expected] of cases) assert.deepEqual(parseImageTarget(target), expected, target);
  });

  it('is nothing where it is no image', () => {
    for (const target of [
      '',
      '#top',
      '?x',
      'a\0b.png',
      'a%00b.png',
      'command:workbench.action.quit',
      'javascript:alert(1)',
      'vscode://x/y',
      'data:text/html;base64,AQID',
      'data:image/png,plain',
      'data:image/png;base64,',
      'https://me:secret@images.example/a.png',
      'mailto:a@b.example',
      'https://',
    ]) {
      assert.equal(parseImageTarget(target), undefined, target);
    }
  });

  it('never crashes', () => {
    fc.assert(fc.property(fc.string({ unit: character }), (target) => void parseImageTarget(target)));
  });
});
