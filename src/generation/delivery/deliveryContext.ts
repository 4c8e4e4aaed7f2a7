import { parseUploadUrl } from '../../images/delivery/httpUpload';
import type { DeliveryId } from '../../images/delivery/deliver';
import type { DeliveryContext } from '../../images/delivery/types';
import { DeliveryError } from '../../images/delivery/deliveryError';
import { readBucket, readUpload } from '../../platform/deliverySettings';
import { DeliverySecrets } from '../../platform/deliverySecrets';
import { readBaseUrl } from '../../platform/settings';
import type { ExtensionServices } from '../../container';

/** Creates what image deliveries need. Settings and secrets are read when a delivery asks for them. */
export function createDeliveryContext(services: ExtensionServices): DeliveryContext {
  const secrets = getDeliverySecrets(services);
  return {
    fetch: services.fetch,
    base: readBaseUrl(),
    now: () => services.now(),
    bucket: async () => {
      const bucket = readBucket();
      const keys = bucket && (await secrets.getBucketKeys(bucket.address.origin));
      if (!bucket || !keys) {
        throw new DeliveryError('not-set-up');
      }
      return { ...bucket, keys };
    },
    upload: async () => {
      const upload = readUpload();
      const origin = upload && parseUploadUrl(upload.url)?.origin;
      const headerValue = upload?.headerName === '' ? '' : origin && (await secrets.getUploadHeader(origin));
      if (!upload || headerValue === undefined) {
        throw new DeliveryError('not-set-up');
      }
      return { ...upload, headerValue };
    },
  };
}

/** Returns the stored secrets of image deliveries. */
export function getDeliverySecrets({ context, log }: Pick<ExtensionServices, 'context' | 'log'>): DeliverySecrets {
  return new DeliverySecrets(context.secrets, log);
}

/** Whether a delivery can be used without asking the user for anything. */
export async function isDeliverySetUp(services: ExtensionServices, delivery: DeliveryId): Promise<boolean> {
  const deliveryContext = createDeliveryContext(services);
  try {
    await (delivery === 's3' ? deliveryContext.bucket() : delivery === 'http' ? deliveryContext.upload() : undefined);
    return true;
  } catch (error) {
    if (error instanceof DeliveryError && error.kind === 'not-set-up') {
      return false;
    }
    throw error;
  }
}
