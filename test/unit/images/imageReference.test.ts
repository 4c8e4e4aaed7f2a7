import assert from 'node:assert/strict';
import fc from 'fast-check';
import { IMAGE_EXTENSIONS } from '../../../src/images/imageNames';
import { getImageReferenceAt } from '../../../src/images/imageReference';

/** The text with the place marked by `¦`. */
function at(marked: string, whole?: string): string | undefined {
  const place = marked.indexOf('¦');
  assert.notEqual(place, -1);
  const text = marked.replace('¦', '');
  return getImageReferenceAt(text, place, () => (whole === undefined ? text : `${text}\n\n${whole}`));
}

describe('the image at a place of a text', () => {
  it('is a Markdown image', () => {
    const cases: [string, string | undefined][] = [
      ['Before ![a ¦boat](img/boat.png) after', 'img/boat.png'],
      ['¦![boat](img/boat.png "At sea")', 'img/boat.png'],
      ["![boat](img/boat.png 'At sea')¦", 'img/boat.png'],
      ['![boat]( img/b¦oat.png (At sea) )', 'img/boat.png'],
      ['![boat](<my images/b¦oat (1).png>)', 'my images/boat (1).png'],
      ['![boat](boat_(1)¦.png)', 'boat_(1).png'],
      ['![bo¦at](a\\)b.png)', 'a)b.png'],
      ['![boat](img/x.png?a=1&amp;b=2#t¦op)', 'img/x.png?a=1&b=2#top'],
      ['![one](1.png) ![t¦wo](2.png)', '2.png'],
      ['[![b¦adge](badge.png)](https://ci.example/run)', 'badge.png'],
      ['[![badge](badge.png)](big.png ¦"x")', 'big.png'],
      ['![brackets [in] the ¦name](x.png)', 'x.png'],
      ['![two\nlines ¦of a name](\n  x.png\n)', 'x.png'],
      ['![not¦ an image name](api/render)', 'api/render'],
      ['![empty]¦()', undefined],
      ['\\![no](readme.md) ¦', undefined],
      ['![x](one two¦)', undefined],
    ];
    for (const [text, expected] of cases) assert.equal(at(text), expected, text);
  });

  it('is a bare path with any ending of an image, in any case', () => {
    for (const ending of IMAGE_EXTENSIONS.flatMap((name) => [
      name,
      name.toUpperCase(),
      name.replace(/^./, (c) => c.toUpperCase()),
    ])) {
      assert.equal(at(`see shots/IMG_0001.${ending}¦ here`), `shots/IMG_0001.${ending}`);
      assert.equal(at(`see shots/IMG_0001.${ending}x¦ here`), undefined);
    }
  });

  it('may be defined elsewhere', () => {
    const defined = '[Boat At Sea]: <img/the boat.png> "x"\n  [b]: b.png\n[b]: other.png\n[a]: page.html';
    assert.equal(at('![x¦][boat  at\nSEA]', defined), 'img/the boat.png');
    assert.equal(at('![b¦][]', defined), 'b.png');
    assert.equal(at('see ![b¦] there', defined), 'b.png');
    assert.equal(at('see [b¦] there', defined), 'b.png');
    assert.equal(at('see [a¦] there', defined), undefined);
    assert.equal(at('![x¦][nowhere]', defined), undefined);
    assert.equal(at('![__proto__¦]', defined), undefined);
  });

  it('is an HTML image, over several lines and however its attributes are written', () => {
    const cases: [string, string | undefined][] = [
      ['<p><img src="a.png" al¦t="x > y"></p>', 'a.png'],
      ["<IMG\n  alt=''\n  SRC = 'b.png'¦\n/>", 'b.png'],
      ['<img src=c.png¦>', 'c.png'],
      ['<img data-src="no.png" src="a.png?x=1&amp;y=2"¦ />', 'a.png?x=1&y=2'],
      ['<img¦ alt="src=no.png" src="/img/a%20b.png">', '/img/a%20b.png'],
      ['<img alt="never closed ¦', undefined],
      ['<image src="x.md">¦', undefined],
      ['text <img src="only.png"> te¦xt', 'only.png'],
      ['<img src="1.png"><img src="2.png"> ¦', undefined],
    ];
    for (const [text, expected] of cases) assert.equal(at(text), expected, text);
  });

  it('is a link to an image, or a bare one', () => {
    const cases: [string, string | undefined][] = [
      ['[the bo¦at](img/boat.JPG)', 'img/boat.JPG'],
      ['[a pa¦ge](boat.md)', undefined],
      ['see https://images.example/a¦.webp?x=1, or not', 'https://images.example/a.webp?x=1'],
      ['<https://images.example/a¦.png>', 'https://images.example/a.png'],
      ['background: url("../img/sea¦.png");', '../img/sea.png'],
      ['no image ¦here', undefined],
      ['¦', undefined],
    ];
    for (const [text, expected] of cases) assert.equal(at(text), expected, text);
  });

  it('may be the image itself', () => {
    const url = `data:image/png;base64,${'A'.repeat(100_000)}==`;
    assert.equal(at(`![x¦](${url})`), url);
    assert.equal(at(`<img src="${url}"¦>`), url);
  });

  it('is found in any text without ado', () => {
    const piece = fc.constantFrom(
      '![',
      '[',
      ']',
      '](',
      '][',
      ')',
      '(',
      '<',
      '>',
      '<img ',
      'src=',
      '"',
      "'",
      '\\',
      '\n',
      ' ',
      'a.png',
      'x',
      '&amp;',
      '[a]: ',
      'data:',
      '=',
      '/',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.nat(200), (pieces, place) => {
        const text = pieces.join('');
        const found = getImageReferenceAt(text, Math.min(place, text.length));
        assert.ok(found === undefined || found !== '');
      }),
      { numRuns: 3_000 },
    );
  });

  it('is looked for in a time that grows with the length of the text only', () => {
    // Each takes some ten milliseconds; with a time that grows as the square it would be minutes.
    const LIMIT_MS = 2_000;
    const N = 400_000;
    const assertFast = (text: string, place: number, what: string) => {
      const before = process.cpuUsage();
      getImageReferenceAt(text, place);
      const { user, system } = process.cpuUsage(before);
      const tookMs = (user + system) / 1000;
      assert.ok(tookMs < LIMIT_MS, `${what}: ${tookMs} ms of processor time`);
    };
    for (const repeated of [
      '[',
      '![',
      '](',
      '](a ',
      '](<',
      '](a "',
      "](a '",
      '](a (',
      '][',
      '[[]',
      '<img ',
      '<img a="',
      "<img a='x' ",
      '<img src=',
      '<img a',
      '\\',
      '(',
      'a(',
      '[a]: ',
      '[a]:\n',
      '![a](b',
      '![x]\n',
      '<img\n= ',
      ' ',
      '`',
      'a.png',
      '](a "](a \'](a (<img a="<img a=\'',
    ]) {
      assertFast(repeated.repeat(N / repeated.length), N / 2, `many ${repeated}`);
    }
    assertFast(`${'['.repeat(N)}${']'.repeat(N)}`, N, 'brackets in brackets');
    assertFast(`![${'x'.repeat(N)}](${'('.repeat(N)}`, N, 'a long name and parentheses');
  });
});
