import * as vscode from 'vscode';
import { DEFAULT_LINK_HOURS, parseBucket, type Bucket, type BucketSettings } from '../frames/bucket';
import { DELIVERY_IDS, type DeliveryId } from '../frames/delivery';
import type { RawLinks } from '../frames/rawLinks';
import { parseUpload, type Upload, type UploadSettings } from '../frames/upload';

/** How images get to the service. All of it has application scope: no workspace decides where an image goes. */
const SECTION = 'seedance.firstFrame';

const read = () => vscode.workspace.getConfiguration(SECTION);

/** `undefined`: the person is to be asked. */
export function readDelivery(): DeliveryId | undefined {
  const chosen = read().get('delivery');
  return DELIVERY_IDS.find((id) => id === chosen);
}

export async function keepDelivery(delivery: DeliveryId): Promise<void> {
  if (readDelivery() !== delivery) {
    await keep({ delivery });
  }
}

export function readBucketSettings(): BucketSettings {
  const hours = read().get('s3.linkHours');
  return {
    endpoint: textOf('s3.endpoint'),
    region: textOf('s3.region'),
    bucket: textOf('s3.bucket'),
    prefix: textOf('s3.prefix'),
    linkHours: typeof hours === 'number' ? hours : DEFAULT_LINK_HOURS,
  };
}

export function readBucket(): Bucket | undefined {
  return parseBucket(readBucketSettings());
}

export async function keepBucket({ endpoint, region, bucket, prefix }: BucketSettings): Promise<void> {
  await keep({ 's3.endpoint': endpoint, 's3.region': region, 's3.bucket': bucket, 's3.prefix': prefix });
}

export function readUploadSettings(): UploadSettings {
  return {
    url: textOf('http.url'),
    method: textOf('http.method'),
    field: textOf('http.field'),
    headerName: textOf('http.headerName'),
    linkPointer: textOf('http.linkPointer'),
  };
}

export function readUpload(): Upload | undefined {
  return parseUpload(readUploadSettings());
}

export async function keepUpload({ url, method, field, headerName, linkPointer }: UploadSettings): Promise<void> {
  await keep({
    'http.url': url,
    'http.method': method,
    'http.field': field,
    'http.headerName': headerName,
    'http.linkPointer': linkPointer,
  });
}

export function readRawLinks(): RawLinks {
  const links: unknown = read().get('rawLinks');
  const entries = typeof links === 'object' && links !== null ? Object.entries(links) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function textOf(key: string): string {
  const value = read().get(key);
  return typeof value === 'string' ? value : '';
}

async function keep(values: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await read().update(key, value, vscode.ConfigurationTarget.Global);
  }
}
