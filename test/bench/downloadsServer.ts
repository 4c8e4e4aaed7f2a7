// Serves one film of the given size, as fast as it is taken: tsx downloadsServer.ts <bytes> [<key file> <certificate file>]
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [bytesText, key, cert] = process.argv.slice(2);
const total = Number(bytesText);
const block = Buffer.alloc(256 * 1024, 'film');

const answer: RequestListener = (request, response) => {
  const bytes = request.url === '/short.mp4' ? 1024 ** 2 : total;
  response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': bytes, ETag: `"${bytes}"` });
  const head = boxes(bytes);
  response.write(head);
  pour(response, bytes - head.length);
};
const server =
  key && cert ? createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer) : createServer(answer);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

function pour(response: ServerResponse, left: number): void {
  while (left > 0) {
    const piece = left < block.length ? block.subarray(0, left) : block;
    left -= piece.length;
    if (!response.write(piece)) {
      response.once('drain', () => pour(response, left));
      return;
    }
  }
  response.end();
}

/** What makes it a whole MP4: the right boxes, the last of them as long as the rest. */
function boxes(bytes: number): Buffer {
  const head = Buffer.alloc(24 + 8 + 8);
  head.writeUInt32BE(24, 0);
  head.write('ftypisom\0\0\x02\0isomiso2', 4, 'latin1');
  head.writeUInt32BE(8, 24);
  head.write('moov', 28, 'latin1');
  head.writeUInt32BE(bytes - 32, 32);
  head.write('mdat', 36, 'latin1');
  return head;
}
