import assert from 'node:assert/strict';
import nodeFetch from 'node-fetch';
import type { SourceImage, DeliveryContext } from '../../src/images/delivery/types';
import { DeliveryError, type DeliveryErrorKind } from '../../src/images/delivery/deliveryError';
import { validateImage } from '../../src/images/imageInfo';

/** A service on this computer: then links to this computer are of use. */
export const LOCAL_GATEWAY = new URL('http://127.0.0.1:1/v1');

export function createTestDeliveryContext(means: Partial<DeliveryContext> = {}): DeliveryContext {
  const notSetUp = () => Promise.reject(new DeliveryError('not-set-up'));
  return { fetch: nodeFetch, base: LOCAL_GATEWAY, now: Date.now, bucket: notSetUp, upload: notSetUp, ...means };
}

export function imageOf(bytes: Uint8Array, label = 'cat.png'): SourceImage {
  return {
    source: `file:///w/${label}`,
    label,
    file: { facts: validateImage(bytes), read: () => Promise.resolve(bytes) },
  };
}

export async function assertNotDelivered(kind: DeliveryErrorKind, promise: Promise<unknown>): Promise<DeliveryError> {
  const error = await promise.then(
    (value) => assert.fail(`nothing was thrown, expected ${kind}: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof DeliveryError, String(error));
  assert.equal(error.kind, kind, error.message);
  return error;
}
