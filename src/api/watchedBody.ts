import { ClientRequest } from 'node:http';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';

/**
 * The body of a request that costs money, with an eye on the connection that it goes over.
 *
 * Whether anything was sent is known from the socket, not from the code of an error: before the TCP connection (http)
 * or the TLS session (https) stands, nothing of a request can have left this machine, whatever ends it. The body is a
 * stream because `node-fetch` pipes it into its `ClientRequest`, to which nothing else leads, with an agent or a proxy
 * of VS Code as without.
 */
export class WatchedBody extends Readable {
  readonly #bytes: Buffer;
  readonly #isSecure: boolean;
  #request: ClientRequest | undefined;
  #isOpen = false;
  #isTunnelRefused = false;

  constructor(text: string, url: URL) {
    super();
    this.#bytes = Buffer.from(text);
    this.#isSecure = url.protocol === 'https:';
    // The fetch destroys it with its own error, which it throws too.
    this.on('error', () => undefined);
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** `undefined` where no request was seen. */
  get wasSent(): boolean | undefined {
    return this.#request ? this.#isOpen : undefined;
  }

  /** A proxy answered to the CONNECT: there is an answer, and no TLS session that it can have come through. */
  get isTunnelRefused(): boolean {
    return this.#isTunnelRefused;
  }

  override _read(): void {
    this.push(this.#bytes);
    this.push(null);
  }

  override pipe<T extends NodeJS.WritableStream>(destination: T, options?: { end?: boolean }): T {
    if (destination instanceof ClientRequest) {
      this.#watch(destination);
    }
    return super.pipe(destination, options);
  }

  #watch(request: ClientRequest): void {
    this.#request = request;
    if (request.socket) {
      this.#watchSocket(request.socket);
    } else {
      request.once('socket', (socket) => this.#watchSocket(socket));
    }
  }

  #watchSocket(socket: Socket & { encrypted?: boolean; secureConnecting?: boolean }): void {
    const open = () => (this.#isOpen = true);
    if (!this.#isSecure) {
      if (socket.connecting) {
        socket.once('connect', open);
      } else {
        open();
      }
    } else if (!(socket instanceof Socket)) {
      // What some agent made of a connection: nothing can be told from it.
      open();
    } else if (!socket.encrypted) {
      // Agents hand over what a proxy said to the CONNECT on a socket without TLS.
      this.#isTunnelRefused = true;
    } else if (socket.connecting || socket.secureConnecting) {
      socket.once('secureConnect', open);
    } else {
      open();
    }
  }
}
