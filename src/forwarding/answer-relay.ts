import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { collectStreamed } from './collect-streamed.ts';
import { cutShort } from './cut-short.ts';
import type { PassingHead } from './exchange-request.ts';
import { headerIn } from './header-in.ts';

/**
 * Milliseconds without a chunk after which what compression holds back is sent: a stream streams, compressed or not. Sent
 * with each chunk, small chunks would not be compressed at all.
 */
const quietFor = 10;

/** `compression` gives an answer that it may compress a way to send what it holds back. */
type Compressible = ServerResponse & { readonly flush?: () => void };

/** The client's side of an exchange: the head once, then the body as fast as the client takes it. */
export class AnswerRelay {
  readonly response: Compressible;
  #status = 0;
  #statusMessage: string | undefined = undefined;
  /** What is not written yet. */
  #head: PassingHead | undefined = undefined;
  /** Bytes that the client is told to expect; undefined: it is not told. */
  #length: string | undefined = undefined;
  /** A whole small body, until its end. */
  #whole: Buffer | undefined = undefined;
  #begun = false;
  #drains = false;
  #quiet: NodeJS.Timeout | undefined = undefined;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  start(status: number, statusMessage: string | undefined, head: PassingHead): void {
    this.#status = status;
    this.#statusMessage = statusMessage;
    this.#head = head;
    if (head.waitsForChunk) return;
    this.#writeHead(head);
    if (this.#length === undefined) this.#showHead();
  }

  /** @param controller of the upstream, which waits while the client is slow */
  write(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    if (this.#head !== undefined) this.#writeHead(this.#head, chunk.length);
    const isWhole = !this.#begun && chunk.length <= small && this.#length === String(chunk.length);
    this.#begun = true;
    collectStreamed(chunk.length);
    if (isWhole && !isWrapped(this.response)) {
      this.#whole = chunk;
      return;
    }
    const written = this.response.write(chunk);
    if (this.response.flush !== undefined) this.#flushWhenQuiet();
    if (written) return;
    controller.pause();
    if (this.#drains) return;
    this.#drains = true;
    // One listener for the whole body: compression hands `drain` on without ever taking a `once` back.
    this.response.on('drain', () => controller.resume());
  }

  end(): void {
    if (this.#head !== undefined) this.#writeHead(this.#head, 0);
    clearTimeout(this.#quiet);
    if (this.#whole === undefined) this.response.end();
    else this.response.end(this.#whole.toString('latin1'), 'latin1');
  }

  /** Cut short, so that the client does not take it for complete. */
  breakOff(cause: Error): void {
    clearTimeout(this.#quiet);
    cutShort(this.response, this.#length !== undefined, cause);
  }

  #writeHead(head: PassingHead, firstChunk?: number): void {
    this.#head = undefined;
    const message = this.#statusMessage;
    const headers = head.headers(firstChunk);
    this.#length = headerIn(headers, 'content-length');
    if (message && (message === 'OK' || plainText.test(message)))
      this.response.writeHead(this.#status, message, headers);
    else this.response.writeHead(this.#status, headers);
  }

  #flushWhenQuiet(): void {
    if (this.#quiet === undefined) this.#quiet = setTimeout(flush, quietFor, this.response);
    else this.#quiet.refresh();
  }

  /** A stream is open before its first event; node holds the head back until something is written. */
  #showHead(): void {
    setImmediate(() => {
      if (!this.#begun && !this.response.writableEnded) this.response.flushHeaders();
    });
  }
}

/**
 * Bytes up to which a body that has come whole goes out in one piece with its head: node joins the two only as text, and one
 * write of text costs the system less than one of several pieces.
 */
const small = 4096;

/** Compression and own handlers put functions of their own in the way, and expect bytes. */
function isWrapped(response: ServerResponse): boolean {
  return Object.hasOwn(response, 'end') || Object.hasOwn(response, 'write');
}

function flush(response: Compressible): void {
  if (!response.destroyed) response.flush?.();
}

const plainText = /^[\t\x20-\x7e]*$/;
