import { parseUploadUrl } from '../../frames/upload';
import type { DeliveryId, DeliveryMeans } from '../../frames/delivery';
import { DeliveryError } from '../../frames/deliveryError';
import { readBucket, readUpload } from '../../platform/deliverySettings';
import { DeliverySecrets } from '../../platform/deliverySecrets';
import { readBaseUrl } from '../../platform/settings';
import type { Rooms } from '../rooms';

/** What the ways of sending an image need, read when they need it. */
export function meansOf(rooms: Rooms): DeliveryMeans {
  const secrets = secretsOf(rooms);
  return {
    fetch: rooms.fetch,
    base: readBaseUrl(),
    now: () => rooms.now(),
    bucket: async () => {
      const bucket = readBucket();
      const keys = bucket && (await secrets.bucketKeys(bucket.address.origin));
      if (!bucket || !keys) {
        throw new DeliveryError('not-set-up');
      }
      return { ...bucket, keys };
    },
    upload: async () => {
      const upload = readUpload();
      const origin = upload && parseUploadUrl(upload.url)?.origin;
      const headerValue = upload?.headerName === '' ? '' : origin && (await secrets.uploadHeader(origin));
      if (!upload || headerValue === undefined) {
        throw new DeliveryError('not-set-up');
      }
      return { ...upload, headerValue };
    },
  };
}

export function secretsOf({ context, log }: Pick<Rooms, 'context' | 'log'>): DeliverySecrets {
  return new DeliverySecrets(context.secrets, log);
}

/** Whether a way can be used without asking for anything more. */
export async function isSetUp(rooms: Rooms, delivery: DeliveryId): Promise<boolean> {
  const means = meansOf(rooms);
  try {
    await (delivery === 's3' ? means.bucket() : delivery === 'http' ? means.upload() : undefined);
    return true;
  } catch (error) {
    if (error instanceof DeliveryError) {
      return false;
    }
    throw error;
  }
}
