import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';
const AUTHORIZATION = /^authorization:[ ]?(.*)$/im;

/**
 * Keeps the head of each request as it came over the wire. Node's parser strips the white space
 * around header values, but the real service refuses a key with a space before it, and so has the
 * emulator to see that space.
 */
export class Heads {
  readonly #bytes = new WeakMap<Socket, string>();

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      // Before the parser's own listener, which announces the request while it handles the chunk.
      socket.prependListener('data', (chunk: Buffer) => {
        const text = this.#bytes.get(socket) ?? '';
        if (!text.includes(HEAD_END)) {
          this.#bytes.set(socket, text + chunk.toString('latin1'));
        }
      });
    });
  }

  /**
   * The `Authorization` value of the request that is now being read from `socket`, less the one space
   * that customarily follows the colon.
   */
  authorization(socket: Socket): string | undefined {
    const [head = ''] = (this.#bytes.get(socket) ?? '').split(HEAD_END, 1);
    return AUTHORIZATION.exec(head)?.[1]?.replace(/\r$/, '');
  }

  /** To be called when a request has been read whole: what follows is the next one's head. */
  forget(socket: Socket): void {
    this.#bytes.delete(socket);
  }
}
