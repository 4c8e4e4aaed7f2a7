import assert from 'node:assert/strict';
import { deliverImage } from '../../../../src/images/delivery/deliver';
import { createImageFromUrl } from '../../../../src/images/delivery/imageUrl';
import { createDraft } from '../../../../src/tasks/model/transitions';
import { serializeExport } from '../../../../src/tasks/storage/importExport';
import { assertNotDelivered, createTestDeliveryContext, imageOf } from '../../../support/delivery';
import { png } from '../../../support/imageHeaders';
import '../../../support/vscodeStub';

const { createMetadata } = await import('../../../../src/commands/videoMetadata');

const context = createTestDeliveryContext({
  base: new URL('https://gptunnel.ru/v1'),
  lookUp: (name) => Promise.resolve([name === 'rebound.example' ? '127.0.0.1' : '93.184.216.34']),
  fetch: () => assert.fail('a link that the user gave is not opened'),
});

describe('frames: a link to an image', () => {
  it('is sent whole, and kept with the task and its exports without what makes it a ticket', async () => {
    const link = 'https://files.example/cat.png?api_key=MARKED';
    for (const image of [createImageFromUrl(link), { ...imageOf(png(640, 360)), link }]) {
      const delivered = await deliverImage(image, 'link', context);
      assert.equal(delivered.image, link);
      assert.deepEqual([delivered.firstFrame.link, delivered.firstFrame.isLinkSecret], [undefined, true]);
      const record = createDraft({
        id: 'a',
        at: 0,
        request: { model: 'm', prompt: 'p', firstFrame: delivered.firstFrame },
      });
      const old = {
        ...record,
        request: { ...record.request, firstFrame: { ...delivered.firstFrame, source: link, link } },
      };
      for (const text of [
        JSON.stringify(record),
        JSON.stringify(createMetadata(old, 'x.mp4', 0)),
        serializeExport([old], 0),
      ]) {
        assert.ok(!text.includes('MARKED'), text);
      }
    }
    const plain = 'https://files.example/cat.png?room=kitchen';
    const { firstFrame } = await deliverImage(createImageFromUrl(plain), 'link', context);
    assert.deepEqual([firstFrame.link, firstFrame.isLinkSecret], [plain, undefined]);
  });

  it('is not sent when it leads into this computer or its network, so that nothing is paid', async () => {
    for (const host of ['localhost:3000', '192.168.1.5', 'nas', 'rebound.example', '0x7f000001', '[fe80::1]']) {
      const image = createImageFromUrl(`http://${host}/cat.png`);
      await assertNotDelivered('private-address', deliverImage(image, 'link', context));
    }
  });
});

describe('the JSON beside a video', () => {
  const source = (uri: string, toRelative?: (uri: string) => string | undefined) => {
    const firstFrame = { source: uri, delivery: 'inline', label: '/srv/anna/cat.png' };
    const record = createDraft({ id: 'a', at: 0, request: { model: 'm', prompt: 'p', firstFrame } });
    return (createMetadata(record, 'x.mp4', 0, toRelative)['firstFrame'] as { source: string }).source;
  };

  it('says where an image is in the workspace, and of any other its mere name', () => {
    assert.equal(
      source('file:///srv/anna/films/stills/cat.png', () => 'stills/cat.png'),
      'stills/cat.png',
    );
    assert.equal(source('file:///srv/anna/cat.png'), 'cat.png');
    assert.equal(source('vscode-vfs://github/anna/films/cat.png'), 'cat.png');
  });
});
