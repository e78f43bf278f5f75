import { decodeBody } from '../decode-body.ts';
import type { Target } from '../destinations/read-target.ts';
import type { Pools } from './pools.ts';

/** An answer that is small enough to be held. */
export interface TextAnswer {
  readonly status: number;
  /** First value of a header, by lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

/** Bytes; what is larger was not meant for us. */
const maxSize = 4_194_304;

/**
 * GETs something of our own from a target, over the connections that requests to it take. No redirect is followed.
 * @param signal ends it, also while the answer is read
 * @throws what the connection throws; an Error with code ERR_TOO_LARGE
 */
export function createFetchText(pools: Pools) {
  return async (
    target: Target,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TextAnswer> => {
    const { origin } = target.url;
    // The signal is the limit: it counts from the question's begin.
    const limits = { headersTimeout: 0, bodyTimeout: 0, signal };
    const answer = await pools.of(target).request({ origin, path, method: 'GET', headers, ...limits });
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxSize) throw Object.assign(new Error('the answer is too large'), { code: 'ERR_TOO_LARGE' });
      chunks.push(chunk);
    }
    const header = (name: string) => [answer.headers[name]].flat()[0];
    const text = decodeBody(Buffer.concat(chunks), header('content-encoding'), maxSize);
    return { status: answer.statusCode, header, text };
  };
}
