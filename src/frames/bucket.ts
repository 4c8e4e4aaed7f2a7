import { parseBaseUrl } from '../gateway/address';

/** Where the images go, as the settings say it; checked. */
export interface Bucket {
  /** The address that objects' names are appended to, without a slash at its end. */
  address: URL;
  region: string;
  /** Ends in a slash unless it is empty. */
  prefix: string;
  linkHours: number;
}

export interface BucketKeys {
  accessKeyId: string;
  secretAccessKey: string;
}

export interface BucketAccess extends Bucket {
  keys: BucketKeys;
}

/** As they stand in the settings. */
export interface BucketSettings {
  endpoint: string;
  region: string;
  bucket: string;
  prefix: string;
  linkHours: number;
}

export const DEFAULT_LINK_HOURS = 48;
/** A signature of version 4 holds for seven days at most. */
export const MAX_LINK_HOURS = 7 * 24;

/** `undefined` where something is missing or cannot be. */
export function parseBucket({ endpoint, region, bucket, prefix, linkHours }: BucketSettings): Bucket | undefined {
  const address = isBucketName(bucket) ? addressOf(endpoint, bucket) : undefined;
  const path = parsePrefix(prefix);
  if (!address || path === undefined || !isRegion(region)) {
    return undefined;
  }
  const hours = Number.isFinite(linkHours) ? Math.min(Math.max(linkHours, 1), MAX_LINK_HOURS) : DEFAULT_LINK_HOURS;
  return { address, region: region.trim(), prefix: path, linkHours: hours };
}

/**
 * https, or http to this computer, like the address of the gateway. The bucket is the first part of the path:
 * AWS, Yandex Object Storage, R2 and MinIO all take that. For a server that wants it in the host's name the
 * endpoint says where: `https://{bucket}.storage.example`.
 */
function addressOf(endpoint: string, bucket: string): URL | undefined {
  const inHost = endpoint.includes('{bucket}');
  const url = parseBaseUrl(endpoint.replace('{bucket}', bucket));
  if (url && !inHost) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${bucket}`;
  }
  return url;
}

export function isEndpoint(text: string): boolean {
  return addressOf(text, 'bucket') !== undefined;
}

/** The rules of AWS, which the others share. */
export function isBucketName(text: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text);
}

export function isRegion(text: string): boolean {
  return /^\s*[a-z0-9-]{2,40}\s*$/i.test(text);
}

/** Parts between slashes; nothing that a server or a proxy would resolve to somewhere else. */
export function parsePrefix(text: string): string | undefined {
  const parts = text
    .trim()
    .split('/')
    .filter((part) => part !== '');
  const isFit = text.length <= 200 && parts.every((part) => part !== '.' && part !== '..' && !/[\p{C}\\]/u.test(part));
  return isFit ? parts.map((part) => `${part}/`).join('') : undefined;
}
