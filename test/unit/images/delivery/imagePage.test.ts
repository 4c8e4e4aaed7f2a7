import assert from 'node:assert/strict';
import { findImagePage } from '../../../../src/images/delivery/imagePage';

/** A page about an image, and the link to the image where it is known. */
const PAGES: [page: string, raw?: string][] = [
  ['https://github.com/o/r/blob/main/img/a%20b.png', 'https://raw.githubusercontent.com/o/r/main/img/a%20b.png'],
  ['https://www.github.com/o/r/blob/v1.2/a.png?plain=1', 'https://raw.githubusercontent.com/o/r/v1.2/a.png'],
  ['https://gist.github.com/o/0123456789abcdef'],
  ['https://gitlab.com/g/sub/r/-/blob/main/a.png', 'https://gitlab.com/g/sub/r/-/raw/main/a.png'],
  [
    'https://git.firm.example/g/r/-/blob/main/x/a.jpg?ref_type=heads',
    'https://git.firm.example/g/r/-/raw/main/x/a.jpg',
  ],
  ['https://bitbucket.org/w/r/src/main/a.png', 'https://bitbucket.org/w/r/raw/main/a.png'],
  ['https://codeberg.org/o/r/src/branch/main/a.png', 'https://codeberg.org/o/r/raw/branch/main/a.png'],
  ['https://git.home.example:3000/o/r/src/tag/v1/a.webp', 'https://git.home.example:3000/o/r/raw/tag/v1/a.webp'],
  ['https://gitverse.ru/o/r/content/master/a.png', 'https://gitverse.ru/api/repos/o/r/raw/branch/master/a.png'],
  ['https://gitee.com/o/r/blob/master/a.png', 'https://gitee.com/o/r/raw/master/a.png'],
  ['https://huggingface.co/datasets/o/r/blob/main/a.png', 'https://huggingface.co/datasets/o/r/resolve/main/a.png'],
  ['https://git.sr.ht/~o/r/tree/master/item/x/a.png', 'https://git.sr.ht/~o/r/blob/master/x/a.png'],
  [
    'https://drive.google.com/file/d/1AbCdEfGhIjKlMn/view?usp=sharing',
    'https://drive.google.com/uc?export=download&id=1AbCdEfGhIjKlMn',
  ],
  [
    'https://drive.google.com/open?id=1AbCdEfGhIjKlMn',
    'https://drive.google.com/uc?export=download&id=1AbCdEfGhIjKlMn',
  ],
  ['https://drive.google.com/drive/folders/1AbCdEfGhIjKlMn'],
  ['https://photos.app.goo.gl/abcdef'],
  [
    'https://www.dropbox.com/scl/fi/abc/a.png?rlkey=xyz&dl=0',
    'https://www.dropbox.com/scl/fi/abc/a.png?rlkey=xyz&raw=1',
  ],
  ['https://www.dropbox.com/s/abc/a.jpg', 'https://www.dropbox.com/s/abc/a.jpg?raw=1'],
  ['https://disk.yandex.ru/i/abcDEF'],
  ['https://disk.yandex.com.tr/d/abcDEF'],
  ['https://yadi.sk/i/abcDEF'],
  ['https://cloud.mail.ru/public/abcd/efgh'],
  ['https://1drv.ms/i/s!abc'],
  ['https://firm.sharepoint.com/:i:/g/abc'],
  ['https://imgur.com/AbCd123', 'https://i.imgur.com/AbCd123.png'],
  ['https://m.imgur.com/AbCd123', 'https://i.imgur.com/AbCd123.png'],
  ['https://imgur.com/a/AbCd123'],
  ['https://imgur.com/gallery/AbCd123'],
  ['https://www.flickr.com/photos/someone/12345678901/'],
  ['https://flic.kr/p/2abcDEF'],
  ['https://unsplash.com/photos/a-cat-on-a-roof-AbCdEf12345', 'https://unsplash.com/photos/AbCdEf12345/download'],
  ['https://www.pexels.com/photo/cat-123/'],
  ['https://commons.wikimedia.org/wiki/File:Cat.jpg', 'https://commons.wikimedia.org/wiki/Special:FilePath/Cat.jpg'],
  [
    'https://ru.m.wikipedia.org/wiki/%D0%A4%D0%B0%D0%B9%D0%BB:Cat.jpg',
    'https://ru.wikipedia.org/wiki/Special:FilePath/Cat.jpg',
  ],
  ['https://www.google.com/imgres?imgurl=https%3A%2F%2Fa.example%2Fc.png&imgrefurl=x', 'https://a.example/c.png'],
  ['https://yandex.ru/images/search?img_url=https%3A%2F%2Fa.example%2Fc.png', 'https://a.example/c.png'],
  ['https://www.google.com/search?q=cat'],
  ['https://vk.com/photo-1_2'],
  ['https://t.me/channel/12'],
  ['https://www.instagram.com/p/abc/'],
  ['https://x.com/a/status/1/photo/1'],
  ['https://ibb.co/AbCdEf'],
  ['https://prnt.sc/abcdef'],
];

const IMAGES = [
  'https://a.example/cat.png',
  'https://a.example/blob/cat.png',
  'https://a.example/photo?id=1',
  'https://raw.githubusercontent.com/o/r/main/a.png',
  'https://github.com/o/r/raw/main/a.png',
  'https://github.com/o/r/blob/main/a.png?raw=true',
  'https://github.com/user-attachments/assets/01234567-89ab',
  'https://user-images.githubusercontent.com/1/a.png',
  'https://gitlab.com/o/r/-/raw/main/a.png',
  'https://codeberg.org/o/r/raw/branch/main/a.png',
  'https://gitverse.ru/api/repos/o/r/raw/branch/main/a.png',
  'https://bitbucket.org/w/r/raw/main/a.png',
  'https://drive.google.com/uc?export=download&id=1AbCdEfGhIjKlMn',
  'https://lh3.googleusercontent.com/d/1AbCdEfGhIjKlMn',
  'https://www.dropbox.com/s/abc/a.png?raw=1',
  'https://dl.dropboxusercontent.com/s/abc/a.png',
  'https://downloader.disk.yandex.ru/disk/abc?uid=0',
  'https://avatars.mds.yandex.net/get-a/1/2/orig',
  'https://storage.yandexcloud.net/bucket/a.png',
  'https://i.imgur.com/AbCd123.jpeg',
  'https://live.staticflickr.com/1/2_3_b.jpg',
  'https://upload.wikimedia.org/wikipedia/commons/a/ab/Cat.jpg',
  'https://commons.wikimedia.org/wiki/Special:FilePath/Cat.jpg',
  'https://images.unsplash.com/photo-1?w=1080',
  'https://unsplash.com/photos/AbCdEf12345/download',
  'https://sun9-1.userapi.com/a/b.jpg',
  'https://pbs.twimg.com/media/a?format=jpg&name=large',
  'https://i.redd.it/a.png',
  'https://i.ibb.co/AbCdEf/a.png',
  'https://firm.sharepoint.com/:i:/g/abc?download=1',
  'https://app.box.com/shared/static/abc.png',
  'https://www.google.com/images/branding/googlelogo.png',
  'https://yandex.ru/logo.png',
  'https://www.bing.com/sa/logo.png',
  'https://gist.github.com/o/0123abcd/raw/4567/a.png',
];

describe('a link to a page about an image', () => {
  for (const [page, raw] of PAGES) {
    it(`${page} → ${raw ?? 'not known'}`, () => {
      assert.deepEqual(findImagePage(page), raw === undefined ? {} : { raw });
      assert.equal(raw && findImagePage(raw), undefined, 'the link to the image is none');
    });
  }
  for (const image of IMAGES) {
    it(`${image} is none`, () => assert.equal(findImagePage(image), undefined));
  }

  it('is whatever a host may be, and nothing that is no link', () => {
    for (const text of [
      '',
      'x',
      'https://',
      'https://github.com',
      'https://github.com/',
      'https://imgur.com/',
      'javascript:1',
    ]) {
      assert.doesNotThrow(() => findImagePage(text), text);
    }
  });
});
