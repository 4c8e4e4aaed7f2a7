import assert from 'node:assert/strict';
import type { SelectedFrame } from '../../../src/generation/generationRequest';
import type { ExtensionServices } from '../../../src/container';
import { startWebServer } from '../../emulator/web';
import { startHarness, type TestHarness } from '../../support/harness';
import { imageOf } from '../../support/delivery';
import { png } from '../../support/imageHeaders';
import { settings } from '../../support/vscodeStub';

const { GenerationRequest } = await import('../../../src/generation/generationRequest');
const { submit } = await import('../../../src/generation/submitGeneration');
const { ImageDeliveryFailedError } = await import('../../../src/ui/showError');

const [BOAT, SEA] = [png(640, 360), png(400, 400)];
const MB = 1024 * 1024;

describe('sending a request with first frames', () => {
  let harness: TestHarness;

  beforeEach(async () => {
    harness = await startHarness();
    settings.set('seedance.apiBaseUrl', harness.emulator.baseUrl);
  });

  afterEach(async () => {
    settings.clear();
    await harness.end();
    await harness.emulator.close();
  });

  const sendFrames = (frames: readonly SelectedFrame[]) => {
    const request = new GenerationRequest({
      prompts: ['a cat'],
      frames,
      model: 'seedance-1-pro-480P-2s',
      aspectRatio: '16:9',
    });
    const {
      generate: submission,
      requests: { fetch },
      clock,
    } = harness;
    const services = {
      submission,
      fetch,
      now: () => clock.now(),
      context: {},
      notifier: { watchTask: () => undefined },
      log: { warn: () => undefined },
    };
    return harness.run(submit(services as unknown as ExtensionServices, request, 12));
  };
  const nothingWasRequested = () =>
    assert.deepEqual(
      { creates: harness.emulator.ledger.creates(), tasks: harness.store.list() },
      { creates: [], tasks: [] },
    );
  const sentImages = () =>
    harness.emulator.ledger.creates().map(({ body }) => (body as { images: string[] }).images[0]);

  /** Sends them by an upload whose server names the links like this. */
  async function upload(images: readonly ReturnType<typeof imageOf>[], nameLink: (upload: number) => string) {
    const host = await startWebServer(() => ({ body: `${host.url}/${nameLink(host.seen.length)}` }));
    Object.entries({
      url: `${host.url}/upload`,
      method: 'POST',
      field: 'file',
      headerName: '',
      linkPointer: '',
    }).forEach(([key, value]) => settings.set(`seedance.firstFrame.http.${key}`, value));
    try {
      await sendFrames(images.map((image) => ({ image, delivery: 'http' })));
    } finally {
      await host.close();
    }
    return host.url;
  }

  it('requests nothing when an upload gives different images the same link: they would be videos of the wrong one', async () => {
    await assert.rejects(
      upload([imageOf(BOAT), imageOf(SEA)], () => 'latest.png'),
      (error) => {
        assert.ok(error instanceof ImageDeliveryFailedError);
        assert.match(
          error.message,
          /^The upload gave the same link for different images[^]*No video was requested, and nothing was charged\.$/,
        );
        return true;
      },
    );
    nothingWasRequested();
  });

  it('takes the same link for the same image, whatever its files are called, and different ones as they are', async () => {
    const same = await upload([imageOf(BOAT, 'boat.png'), imageOf(BOAT, 'copy.png')], () => 'boat.png');
    assert.deepEqual(sentImages(), [`${same}/boat.png`, `${same}/boat.png`]);
    const apart = await upload([imageOf(BOAT), imageOf(SEA)], (upload) => `${upload}.png`);
    assert.deepEqual(sentImages().slice(2), [`${apart}/1.png`, `${apart}/2.png`]);
  });

  it('sends a link of which no image is known as often as it was given', async () => {
    const link = 'https://images.example/boat.png';
    await sendFrames([1, 2].map(() => ({ image: { source: link, label: 'boat.png', link }, delivery: 'link' })));
    assert.deepEqual(sentImages(), [link, link]);
    // An image that is known, under a link that was given before: whose it is has to be the same.
    const byLink = (bytes: Uint8Array): SelectedFrame => ({ image: { ...imageOf(bytes), link }, delivery: 'link' });
    await assert.rejects(
      sendFrames([{ image: { source: link, label: 'boat.png', link }, delivery: 'link' }, byLink(BOAT), byLink(SEA)]),
      ImageDeliveryFailedError,
    );
    assert.equal(sentImages().length, 2);
  });

  it('reads no image that is to go inside a request when all of them together are too much', async () => {
    const large = (name: string): SelectedFrame => {
      const image = imageOf(BOAT, name);
      return {
        image: {
          ...image,
          file: { facts: { ...image.file!.facts, bytes: 101 * MB }, read: () => assert.fail('was read') },
        },
        delivery: 'inline',
      };
    };
    await assert.rejects(sendFrames([large('boat.png'), large('sea.png')]), (error) => {
      assert.ok(error instanceof ImageDeliveryFailedError);
      assert.match(
        error.message,
        /202\sMB together; inside requests go at most 200\sMB at a time[^]*nothing was charged/,
      );
      return true;
    });
    nothingWasRequested();
  });
});
