/** S3-compatible storage on loopback: a server that reckons every signature anew, and lets nobody in without one. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';
import { startWebServer, type Reply, type Seen, type WebServer } from './web';

export const BUCKET = 'frames';
export const REGION = 'ru-central1';

export interface BucketServer extends Pick<WebServer, 'url' | 'seen' | 'close'> {
  readonly keys: { accessKeyId: string; secretAccessKey: string };
  /** Answers the next requests of this method; then the storage does again. */
  interrupt(method: string, reply: Reply): void;
}

/** The pair of keys that the server knows: its own, for it has no other way to be told one. */
const account = createRequire(import.meta.url)('@20minutes/s3rver/lib/models/account.js') as {
  DUMMY_ACCOUNT: { createKeyPair(id: string, secret: string): void };
};

export async function startBucket(
  keys = { accessKeyId: 'AKID-MARKED-2f61', secretAccessKey: 'secret/MARKED+9a3c77e1' },
): Promise<BucketServer> {
  account.DUMMY_ACCOUNT.createKeyPair(keys.accessKeyId, keys.secretAccessKey);
  const directory = await mkdtemp(path.join(os.tmpdir(), 'seedance-bucket-'));
  const storage = new S3rver({ directory, silent: true, vhostBuckets: false, configureBuckets: [{ name: BUCKET }] });
  await storage.configureBuckets();
  const handle = storage.callback();
  const interruptions = new Map<string, Reply>();
  const server = await startWebServer((seen, req, res) => {
    const reply = interruptions.get(seen.method) ?? refusalOf(seen);
    if (!reply) {
      handle(req, res);
    }
    return reply;
  });
  return {
    ...server,
    keys,
    interrupt: (method, reply) => interruptions.set(method, reply),
    close: async () => {
      await server.close();
      storage.logger.exceptions.unhandle();
      storage.logger.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What this storage does not check by itself: that there is a signature at all, and for its own region. */
function refusalOf({ url, headers }: Seen): Reply | undefined {
  const credential = /Credential=([^,&]+)/.exec(headers.authorization ?? decodeURIComponent(url))?.[1];
  if (credential === undefined) {
    return xml(403, 'AccessDenied', 'Access Denied');
  }
  return credential.split('/')[2] === REGION
    ? undefined
    : {
        ...xml(
          400,
          'AuthorizationHeaderMalformed',
          `The region is wrong; expecting '${REGION}'`,
          `<Region>${REGION}</Region>`,
        ),
      };
}

export function xml(status: number, code: string, message: string, more = ''): Reply {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}
