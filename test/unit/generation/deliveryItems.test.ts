import assert from 'node:assert/strict';
import type { DeliveryId } from '../../../src/images/delivery/deliver';
import { imageOf } from '../../support/delivery';
import { png } from '../../support/imageHeaders';
import '../../support/vscodeStub';

const { fillInLink, getDeliveryItems } = await import('../../../src/generation/delivery/deliveryPicker');

const LINK = 'https://raw.example/boat.png';

function orderOf(ready: DeliveryId[], link?: string, failed?: DeliveryId): string {
  const images = [imageOf(png(640, 360))];
  return getDeliveryItems({
    images,
    link,
    ready: new Set(ready),
    failed: failed && { delivery: failed, reason: 'It did not answer.' },
  })
    .map(({ id }) => id)
    .join(' ');
}

describe('the ways of a first frame', () => {
  it('begin with what can work for the image now', () => {
    assert.equal(orderOf(['inline']), 'inline s3 http link');
    assert.equal(orderOf(['inline', 'http']), 'http inline s3 link');
    assert.equal(orderOf(['inline', 's3', 'http']), 's3 http inline link');
    assert.equal(orderOf(['inline', 's3'], LINK), 'link s3 inline http');
    assert.equal(orderOf([]), 's3 http inline link', 'too large for the request');
  });

  it('stay where they are when a link is found late', () => {
    const images = [imageOf(png(640, 360))];
    const items = getDeliveryItems({ images, link: undefined, ready: new Set(['inline']), failed: undefined });
    const late = fillInLink(items, LINK);
    assert.deepEqual(
      late.map(({ id }) => id),
      items.map(({ id }) => id),
    );
    assert.equal(late.at(-1)?.description, 'raw.example');
    assert.ok(
      late.every(({ detail }) => detail !== undefined),
      'and each keeps its second row',
    );
  });

  it('end with the one that failed, which says why', () => {
    assert.equal(orderOf(['inline', 's3'], undefined, 's3'), 'inline http link s3');
    assert.equal(orderOf(['inline'], undefined, 'inline'), 's3 http link inline');
    const items = getDeliveryItems({
      images: [imageOf(png(640, 360))],
      link: undefined,
      ready: new Set<DeliveryId>(['inline']),
      failed: { delivery: 'inline', reason: 'It did not answer.' },
    });
    assert.match(items.at(-1)?.detail ?? '', /It did not answer\./);
  });
});
