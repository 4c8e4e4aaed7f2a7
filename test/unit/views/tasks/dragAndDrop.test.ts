import assert from 'node:assert/strict';
import type { DataTransfer } from 'vscode';
import { IMAGE_EXTENSIONS } from '../../../../src/images/imageNames';
import { Uri } from '../../../support/vscodeStub';

const { readDroppedImages } = await import('../../../../src/views/tasks/dragAndDrop');

/** What VS Code hands to a drop: texts and files by type. */
function dropped(
  items: Record<string, string | { name: string; uri?: Uri; bytes?: Uint8Array }>,
): Promise<{ picture: unknown; label: string }[]> {
  const data = new Map(
    Object.entries(items).map(([type, item]) => [
      type,
      {
        asString: () => Promise.resolve(typeof item === 'string' ? item : ''),
        asFile: () => (typeof item === 'string' ? undefined : { ...item, data: () => Promise.resolve(item.bytes) }),
      },
    ]),
  );
  return readDroppedImages(data as unknown as DataTransfer);
}

describe('what is dropped onto the tasks', () => {
  it('is a list of addresses', async () => {
    const list =
      '# from the explorer\r\nfile:///films/a.png\r\n\r\nfile:///films/b c.png\r\nfile:///films/a.png\nhttps://images.example/d%20e.png?x=1\nno address\n';
    const pictures = await dropped({ 'text/uri-list': list, 'image/png': { name: 'a.png' } });
    assert.deepEqual(
      pictures.map(({ label }) => label),
      ['a.png', 'b c.png', 'd e.png'],
    );
    assert.ok(pictures[0]!.picture instanceof Uri);
    assert.equal(pictures[2]!.picture, 'https://images.example/d%20e.png?x=1');
  });

  it('is files, by their place or else as bytes', async () => {
    const uri = Uri.file('/pictures/a.png');
    const bytes = Uint8Array.of(1, 2, 3);
    assert.deepEqual(
      await dropped({
        'text/plain': 'x',
        'image/png': { name: 'a.png', uri },
        'image/jpeg': { name: `${'b'.repeat(300)}.jpg`, bytes },
      }),
      [
        { picture: uri, label: 'a.png' },
        { picture: bytes, label: 'b'.repeat(200) },
      ],
    );
  });

  it('is the bytes of an image of a web page, and its link only where there are none', async () => {
    const link = 'https://images.example/view?id=1';
    const bytes = Uint8Array.of(1, 2, 3);
    const html = `<img src="${link}">`;
    assert.deepEqual(
      await dropped({ 'text/uri-list': link, 'text/html': html, 'image/png': { name: 'cat.png', bytes } }),
      [{ picture: bytes, label: 'cat.png' }],
    );
    assert.deepEqual(await dropped({ 'text/uri-list': link, files: { name: 'cat.WEBP', bytes } }), [
      { picture: bytes, label: 'cat.WEBP' },
    ]);
    for (const ending of IMAGE_EXTENSIONS.flatMap((extension) => [extension, extension.toUpperCase()])) {
      const name = `cat.${ending}`;
      assert.deepEqual(await dropped({ 'text/uri-list': link, files: { name, bytes } }), [
        { picture: bytes, label: name },
      ]);
    }
    for (const file of [
      { name: 'cat.png', bytes: new Uint8Array() },
      { name: 'page.html', bytes },
    ]) {
      assert.deepEqual(await dropped({ 'text/uri-list': link, files: file }), [{ picture: link, label: 'view' }]);
    }
  });

  it('is an image that is inside its address', async () => {
    const inlined = `data:image/png;base64,${Buffer.from('cat').toString('base64')}`;
    const cat = [{ picture: Buffer.from('cat'), label: 'image' }];
    assert.deepEqual(await dropped({ 'text/uri-list': inlined.repeat(1) }), cat);
    assert.deepEqual(
      await dropped({ 'text/uri-list': 'https://a.example/page', 'text/html': `<img alt="x" src="${inlined}">` }),
      cat,
    );
  });

  it('is the link of an image in HTML where nothing else comes', async () => {
    const link = 'https://images.example/cat.png?a=1&b=2';
    for (const html of [
      `<meta charset='utf-8'><img src="https://images.example/cat.png?a=1&amp;b=2" alt="a cat">`,
      `<html><body><!--StartFragment--><a href="https://x.example/"><IMG alt='' SRC = '${link}'></a><!--EndFragment-->`,
      `<p>Look:</p><img\nclass=big src=${link} width=9>`,
    ]) {
      assert.deepEqual(await dropped({ 'text/html': html }), [{ picture: link, label: 'cat.png' }], html);
    }
    for (const html of [
      '<img src="file:///etc/passwd">',
      '<img data-src="x">',
      '<p>https://images.example/cat.png</p>',
      `<img src="https://images.example/${'x'.repeat(9_000)}">`,
    ]) {
      assert.deepEqual(await dropped({ 'text/html': html }), []);
    }
    assert.deepEqual(await dropped({ 'text/html': '<img '.repeat(1_000_000) }), []);
  });

  it('is nothing of ours otherwise', async () => {
    assert.deepEqual(await dropped({ 'text/uri-list': '', 'text/plain': 'a.png' }), []);
    assert.deepEqual(await dropped({}), []);
  });
});
