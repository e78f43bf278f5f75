import type { ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { collectStreamed } from './collect-streamed.ts';
import { cutShort } from './cut-short.ts';
import type { PassingHead } from './exchange-request.ts';
import { headerIn } from './header-in.ts';

/** The client's side of an exchange: the head once, then the body as fast as the client takes it. */
export class AnswerRelay {
  readonly response: ServerResponse;
  #status = 0;
  #statusMessage: string | undefined = undefined;
  /** What is not written yet. */
  #head: PassingHead | undefined = undefined;
  /** The client knows how long the answer is. */
  #sized = false;
  #begun = false;
  #drains = false;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  start(status: number, statusMessage: string | undefined, head: PassingHead): void {
    this.#status = status;
    this.#statusMessage = statusMessage;
    this.#head = head;
    if (head.waitsForChunk) return;
    this.#writeHead(head);
    if (!this.#sized) this.#showHead();
  }

  /** @param controller of the upstream, which waits while the client is slow */
  write(chunk: Buffer, controller: Dispatcher.DispatchController): void {
    if (this.#head !== undefined) this.#writeHead(this.#head, chunk.length);
    this.#begun = true;
    collectStreamed(chunk.length);
    if (this.response.write(chunk)) return;
    controller.pause();
    if (this.#drains) return;
    this.#drains = true;
    // One listener for the whole body: compression hands `drain` on without ever taking a `once` back.
    this.response.on('drain', () => controller.resume());
  }

  end(): void {
    if (this.#head !== undefined) this.#writeHead(this.#head, 0);
    this.response.end();
  }

  /** Cut short, so that the client does not take it for complete. */
  breakOff(cause: Error): void {
    cutShort(this.response, this.#sized, cause);
  }

  #writeHead(head: PassingHead, firstChunk?: number): void {
    this.#head = undefined;
    const message = this.#statusMessage;
    const headers = head.headers(firstChunk);
    this.#sized = headerIn(headers, 'content-length') !== undefined;
    if (message && (message === 'OK' || plainText.test(message)))
      this.response.writeHead(this.#status, message, headers);
    else this.response.writeHead(this.#status, headers);
  }

  /** A stream is open before its first event; node holds the head back until something is written. */
  #showHead(): void {
    setImmediate(() => {
      if (!this.#begun && !this.response.writableEnded) this.response.flushHeaders();
    });
  }
}

const plainText = /^[\t\x20-\x7e]*$/;
