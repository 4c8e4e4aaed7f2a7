import * as vscode from 'vscode';
import { DEFAULT_LINK_HOURS, parseBucket, type BucketSettings } from '../images/delivery/s3';
import { DELIVERY_IDS, type DeliveryId } from '../images/delivery/deliver';
import type { RawUrlTemplates } from '../images/published/rawUrls';
import { parseUpload, type UploadSettings } from '../images/delivery/httpUpload';
import type { Bucket, Upload } from '../images/delivery/types';

/** Settings of image deliveries. They have application scope, so that no workspace decides where images are sent. */
const SECTION = 'seedance.firstFrame';

const read = () => vscode.workspace.getConfiguration(SECTION);

/** Returns `undefined` if the user has not chosen a delivery yet. */
export function readDelivery(): DeliveryId | undefined {
  const chosen = read().get('delivery');
  return DELIVERY_IDS.find((id) => id === chosen);
}

/** Saves the preferred delivery in the user settings. */
export async function saveDelivery(delivery: DeliveryId): Promise<void> {
  if (readDelivery() !== delivery) {
    await update({ delivery });
  }
}

/** Reads the settings of the bucket without validating them. */
export function readBucketSettings(): BucketSettings {
  const hours = read().get('s3.linkHours');
  return {
    endpoint: getText('s3.endpoint'),
    region: getText('s3.region'),
    bucket: getText('s3.bucket'),
    prefix: getText('s3.prefix'),
    linkHours: typeof hours === 'number' ? hours : DEFAULT_LINK_HOURS,
  };
}

/** Reads and validates the settings of the bucket. `undefined` when something is missing or invalid. */
export function readBucket(): Bucket | undefined {
  return parseBucket(readBucketSettings());
}

/** Saves the bucket in the user settings. */
export async function saveBucket({ endpoint, region, bucket, prefix }: BucketSettings): Promise<void> {
  await update({ 's3.endpoint': endpoint, 's3.region': region, 's3.bucket': bucket, 's3.prefix': prefix });
}

/** Reads the settings of the upload endpoint without validating them. */
export function readUploadSettings(): UploadSettings {
  return {
    url: getText('http.url'),
    method: getText('http.method'),
    field: getText('http.field'),
    headerName: getText('http.headerName'),
    linkPointer: getText('http.linkPointer'),
  };
}

/** Reads and validates the settings of the upload endpoint. `undefined` when something is missing or invalid. */
export function readUpload(): Upload | undefined {
  return parseUpload(readUploadSettings());
}

/** Saves the upload endpoint in the user settings. */
export async function saveUpload({ url, method, field, headerName, linkPointer }: UploadSettings): Promise<void> {
  await update({
    'http.url': url,
    'http.method': method,
    'http.field': field,
    'http.headerName': headerName,
    'http.linkPointer': linkPointer,
  });
}

/** Reads the user's templates of links to public repositories. Ignores values that are no texts. */
export function readRawUrlTemplates(): RawUrlTemplates {
  const links: unknown = read().get('rawLinks');
  const entries = typeof links === 'object' && links !== null ? Object.entries(links) : [];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function getText(key: string): string {
  const value = read().get(key);
  return typeof value === 'string' ? value : '';
}

async function update(values: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await read().update(key, value, vscode.ConfigurationTarget.Global);
  }
}
