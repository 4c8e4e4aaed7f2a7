import assert from 'node:assert/strict';
import { deliverImage } from '../../../src/images/delivery/deliver';
import { createImageFromUrl } from '../../../src/images/delivery/imageUrl';
import { ImageError } from '../../../src/images/imageError';
import { createTestDeliveryContext } from '../../support/delivery';
import { type FakeMessage, settings, user } from '../../support/vscodeStub';

const { createImageFromLink, getLinkProblem } = await import('../../../src/generation/imageLink');
const { UserFacingError } = await import('../../../src/ui/showError');
const { useAsFirstFrame } = await import('../../../src/commands/firstFrame');
const { resolveFirstFrameArgument } = await import('../../../src/generation/imagePicker');

const BLOB = 'https://github.com/o/r/blob/main/a.png';
const RAW = 'https://raw.githubusercontent.com/o/r/main/a.png';
const HOPELESS = [
  'https://disk.yandex.ru/i/abc',
  'https://imgur.com/a/abc',
  'http://localhost:8080/a.png',
  'http://192.168.1.1/a.png',
  'http://nas.local/a.png',
  'http://[::1]/a.png',
  'https://user:word@a.example/a.png',
  'ftp://a.example/a.png',
];

describe('a link to an image, wherever it is given', () => {
  let asked: FakeMessage[];

  beforeEach(() => {
    asked = [];
    settings.set('seedance.apiBaseUrl', 'https://gptunnel.ru/v1');
    user.onMessage = (message) => {
      asked.push(message);
      message.answer(message.buttons[0]);
    };
  });
  afterEach(() => {
    user.onMessage = undefined;
    settings.clear();
  });

  /** The services are not touched: a link is refused before anything else happens. */
  const untouched = {} as never;
  const places: [place: string, give: (link: string) => Promise<unknown>][] = [
    ['by hand', createImageFromLink],
    ['by a program', (link) => resolveFirstFrameArgument(untouched, link)],
    ['at the cursor or in a drop', (link) => useAsFirstFrame(untouched, { picture: link, label: 'a.png' })],
  ];
  for (const [place, give] of places) {
    for (const link of HOPELESS.filter((known) => place === 'by hand' || /^https?:\/\/(?!user)/.test(known))) {
      it(`${place}: ${link} is refused before anything is paid`, async () => {
        await assert.rejects(
          give(link),
          (error) => error instanceof UserFacingError && /Nothing was sent/.test(error.message),
        );
        assert.deepEqual(asked, []);
      });
    }
    it(`${place}: a page whose image is known is offered as that, and nothing happens without a yes`, async () => {
      user.onMessage = (message) => {
        asked.push(message);
        message.answer(undefined);
      };
      assert.equal(await give(BLOB), undefined);
      assert.ok(asked[0]!.detail.includes(RAW));
    });
  }

  it('becomes the link to the image itself with a yes', async () => {
    assert.equal((await createImageFromLink(BLOB))?.link, RAW);
    assert.deepEqual(await resolveFirstFrameArgument(untouched, BLOB), [
      { image: createImageFromUrl(RAW), delivery: 'link' },
    ]);
    assert.equal((await createImageFromLink('https://a.example/cat.png'))?.link, 'https://a.example/cat.png');
    assert.equal(asked.length, 2);
    assert.equal(getLinkProblem(BLOB), undefined);
  });

  it('to a page goes to no service, whatever way it took: of an old task, an import or a later version', async () => {
    for (const link of [BLOB, ...HOPELESS.slice(0, 2)]) {
      const context = createTestDeliveryContext({ fetch: () => assert.fail('asked the network') });
      await assert.rejects(
        deliverImage(createImageFromUrl(link), 'link', context),
        (error) => error instanceof ImageError && error.kind === 'page-link',
      );
    }
  });
});
