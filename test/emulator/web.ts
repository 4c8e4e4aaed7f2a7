import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that arrived whole. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

/** Some other server of the web, on loopback: what images are uploaded to and read from. */
export interface WebServer {
  /** Without a slash at its end. */
  readonly url: string;
  readonly seen: Seen[];
  close(): Promise<void>;
}

/** @param answer what to reply; it may also answer by itself, and then gives nothing */
export async function startWebServer(
  answer: (
    seen: Seen,
    req: http.IncomingMessage,
    res: http.ServerResponse,
  ) => Reply | undefined | Promise<Reply | undefined>,
): Promise<WebServer> {
  const seen: Seen[] = [];
  const server = http.createServer((req, res) => {
    void (async () => {
      const chunks: Buffer[] = [];
      // Only observed: a handler that responds by itself reads the body too.
      req.on('data', (chunk: Buffer) => chunks.push(chunk));
      const entry: Seen = {
        method: req.method ?? '',
        url: req.url ?? '',
        headers: req.headers,
        get body() {
          return Buffer.concat(chunks);
        },
      };
      seen.push(entry);
      req.pause();
      const reply = await answer(entry, req, res);
      if (reply) {
        if (!req.complete) {
          req.resume();
          await once(req, 'end');
        }
        res.writeHead(reply.status ?? 200, reply.headers);
        res.end(reply.body);
      }
    })().catch((error: unknown) => res.destroy(error as Error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The whole body, for who has to see it before answering. */
export async function bodyOf(seen: Seen, req: http.IncomingMessage): Promise<Buffer> {
  if (!req.complete) {
    req.resume();
    await once(req, 'end');
  }
  return seen.body;
}
