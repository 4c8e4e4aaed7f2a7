import type { LookUp } from '../../common/address';
import type { Fetch } from '../../common/http';
import type { FrameOrigin } from '../../tasks/model/taskRecord';
import type { ImageInfo } from '../imageInfo';

/** An image as the user chose it: a file, a link, or a file that is also published under a link. */
export interface SourceImage {
  /** URI of the file, or the link. Kept with the task, so that the image can be used again. */
  source: string;
  /** File name to show. */
  label: string;
  link?: string;
  file?: {
    facts: ImageInfo;
    /** SHA-256 of the content that `facts` describes. */
    hash?: string;
    /** Reads the file again for every use, so that no image stays in memory while the user decides. */
    read(): Promise<Uint8Array>;
  };
  /** Set when the image is a frame of a task's video. */
  from?: FrameOrigin | undefined;
  /** Preview of the image, where a webview has drawn one: see `FirstFrame.thumbnail`. */
  thumbnail?: string | undefined;
  /** The file's content is no longer what the original task was made with. */
  hasChanged?: boolean;
}

/** The result of a delivery. */
export interface DeliveredImage {
  /** Sent to the API: a link, or a `data:` URL. */
  image: string;
  /**
   * The link to keep with the task. Not set for signed links, which give access to the file, nor for `data:` URLs:
   * both are created again from the file when they are needed.
   */
  link?: string | undefined;
  /** Size of the image as it was sent, if it was read. */
  facts?: Pick<ImageInfo, 'width' | 'height'> | undefined;
}

/** Services and settings that deliveries use. */
export interface DeliveryContext {
  fetch: Fetch;
  /** Base URL of the API. Links to this computer are only accepted when the API runs on it, as in tests. */
  base: URL;
  /** Defaults to the system's. */
  lookUp?: LookUp | undefined;
  now(): number;
  /** @throws {DeliveryError} `not-set-up` */
  bucket(): Promise<BucketAccess>;
  /** @throws {DeliveryError} `not-set-up` */
  upload(): Promise<UploadAccess>;
}

/**
 * Strategy that turns an image into something the API accepts: a URL or a `data:` URL (the API has no upload of its
 * own). To add one, implement this interface in a file of its own and register it in `DELIVERIES` (`deliver.ts`).
 */
export interface ImageDelivery {
  readonly id: string;
  /** Whether the image can be delivered like this, as far as that is known without trying. */
  accepts(image: SourceImage): boolean;
  /** @throws {ImageError | DeliveryError} when it cannot be delivered; nothing has been sent to the API then */
  prepare(image: SourceImage, context: DeliveryContext): Promise<DeliveredImage>;
}

/** Validated settings of a bucket. */
export interface Bucket {
  /** URL that object names are appended to, without a slash at its end. */
  address: URL;
  /** The same with the bucket in the name of the host, for stores that want it there; absent where it is already. */
  addressInHost?: URL | undefined;
  region: string;
  /** Ends in a slash unless it is empty. */
  prefix: string;
  linkHours: number;
}

export interface BucketKeys {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary keys. */
  sessionToken?: string | undefined;
}

/** Settings and keys of a bucket. */
export interface BucketAccess extends Bucket {
  keys: BucketKeys;
}

/** Validated settings of the user's upload endpoint. */
export interface Upload {
  /**
   * May hold `{name}`, `{hash}` and `{type}`. Must hold `{hash}` before any `?` or `#` where the URL is also the link.
   */
  url: string;
  method: 'PUT' | 'POST';
  /** Name of the file in the multipart form; for POST only. */
  field: string;
  /** Empty when no header is sent. */
  headerName: string;
  /** JSON pointer (RFC 6901) to the link in the response; empty when the whole response is the link. */
  linkPointer: string;
}

/** Settings and header value of the upload endpoint. */
export interface UploadAccess extends Upload {
  headerValue: string;
}
