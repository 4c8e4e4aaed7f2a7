// Serves a film of the given size over a line of the given speed: tsx downloadsServer.ts <bytes> <bytes a second> <key file> <certificate file>
import { readFileSync } from 'node:fs';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const [bytesText, speedText, key = '', cert = ''] = process.argv.slice(2);
const total = Number(bytesText);
const bytesPerMs = Number(speedText) / 1000;
const block = Buffer.alloc(64 * 1024, 'film');

/** What a line's buffers hold: so much may catch up when the reader, or this process, was late. */
const MOST_TOKENS = 2 * 1024 ** 2;
/** Bytes that may be sent now. */
let tokens = 0;
let filledAt = performance.now();

const answer: RequestListener = (request, response) => {
  const bytes = request.url === '/short.mp4' ? 1024 ** 2 : total;
  response.writeHead(200, { 'Content-Type': 'video/mp4', 'Content-Length': bytes, ETag: `"${bytes}"` });
  const head = boxes(bytes);
  response.write(head);
  pour(response, bytes - head.length);
};
const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, answer);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

function pour(response: ServerResponse, left: number): void {
  while (left > 0) {
    const piece = left < block.length ? block.subarray(0, left) : block;
    if (!takeTokens(piece.length)) {
      setTimeout(() => pour(response, left), 1);
      return;
    }
    left -= piece.length;
    if (!response.write(piece)) {
      response.once('drain', () => pour(response, left));
      return;
    }
  }
  response.end();
}

function takeTokens(bytes: number): boolean {
  const now = performance.now();
  tokens = Math.min(MOST_TOKENS, tokens + (now - filledAt) * bytesPerMs);
  filledAt = now;
  if (tokens < bytes) return false;
  tokens -= bytes;
  return true;
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
