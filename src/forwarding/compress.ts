import compression from 'compression';
import type { Request, Response } from 'express';
import { headerIn } from './header-in.ts';

/** What becomes of an answer: it is sent as it is, where `varies` another request might have got it compressed. */
export type Compressing = 'as-is' | 'varies' | 'gzip';

/** Compression of answers. */
export interface Compress {
  /** Makes an answer compressible; to be called before its head is written. */
  prepare(request: Request, response: Response): void;
  /**
   * What `prepare` would make of an answer whose headers (name, value, name, value…) are known. Most answers are not
   * compressed, and need no preparation then. `size` in bytes, where no header says it.
   */
  decide(request: Request, status: number, headers: readonly string[], size?: number): Compressing;
  /** Leaves the answer of a request as it is until it is prepared: an own handler changes it first. */
  postpone(request: Request): void;
  /** Whether the size of the first chunk decides, because nothing says how long the body is (xs-app.md 8.3). */
  waitsForChunk(request: Request, headers: readonly string[]): boolean;
}

export interface CompressionSettings {
  readonly enabled?: boolean | undefined;
  /** Bytes. */
  readonly minSize?: number | undefined;
  readonly compressResponseMixedTypeContent?: boolean | undefined;
}

/**
 * gzip for text-like answers of at least `minSize` bytes (xs-app.md 8.3). The library decides when the head is written:
 * content type, size, encodings already there, `no-transform`; and sets `Vary`.
 */
export function createCompress(settings: CompressionSettings): Compress {
  if (settings.enabled === false)
    return { prepare() {}, postpone() {}, decide: () => 'as-is', waitsForChunk: () => false };
  const minSize = settings.minSize ?? 1024;
  const mixed = settings.compressResponseMixedTypeContent === true;
  /** By content type as it is written: upstreams know few of them. */
  const known = new Map<string, boolean>();
  const isCompressible = (type: string): boolean => {
    let answer = known.get(type);
    if (answer === undefined) {
      answer = judgeType(type, mixed);
      if (known.size < typesAtMost) known.set(type, answer);
    }
    return answer;
  };
  const compress = compression({
    threshold: minSize,
    filter: (_request, response) => {
      if (!isCompressible(String(response.getHeader('content-type') ?? ''))) return false;
      if (!isPart(response.statusCode, response.hasHeader('content-range'))) return response.statusCode !== 204;
      (response as Response).vary('Accept-Encoding');
      return false;
    },
  });
  const postponed = new WeakSet<Request>();
  return {
    postpone: (request) => void postponed.add(request),
    prepare(request, response) {
      // Only gzip is offered: what the approuter answers, and what every client and cache on the way knows.
      const coding = acceptsGzip(request.headers['accept-encoding']) ? 'gzip' : 'identity';
      const view = Object.create(request, { headers: { value: { ...request.headers, 'accept-encoding': coding } } });
      compress(view, response, () => {});
    },
    decide(request, status, headers, size) {
      if (postponed.has(request)) return 'as-is';
      if (!isCompressible(headerIn(headers, 'content-type') ?? '')) return 'as-is';
      if (status === 204) return 'as-is';
      if (/(?:^|,)\s*no-transform\s*(?:,|$)/.test(headerIn(headers, 'cache-control') ?? '')) return 'as-is';
      if (isPart(status, headerIn(headers, 'content-range') !== undefined)) return 'varies';
      const length = size ?? Number(headerIn(headers, 'content-length') ?? minSize);
      if (length < minSize || request.method === 'HEAD' || !acceptsGzip(request.headers['accept-encoding']))
        return 'varies';
      return (headerIn(headers, 'content-encoding') ?? 'identity') === 'identity' ? 'gzip' : 'varies';
    },
    waitsForChunk(request, headers) {
      if (postponed.has(request)) return false;
      if (request.method === 'HEAD' || !acceptsGzip(request.headers['accept-encoding'])) return false;
      return (
        headerIn(headers, 'content-length') === undefined && isCompressible(headerIn(headers, 'content-type') ?? '')
      );
    },
  };
}

/** Content types whose judgement is remembered. */
const typesAtMost = 200;

function judgeType(type: string, mixed: boolean): boolean {
  // Events would wait in the compressor until its buffer is full.
  if (/^text\/event-stream/i.test(type)) return false;
  // The library takes it for text that nobody has named; it says to be anything but that (xs-app.md 8.3).
  if (/^application\/octet-stream/i.test(type)) return false;
  if (/^multipart\/mixed/i.test(type)) return mixed;
  return compression.filter({} as Request, { getHeader: () => type } as unknown as Response);
}

/**
 * What stands for the whole without being it: its Content-Range counts bytes of what is sent (RFC 9110 14.4), or it is a 304.
 * It names what the whole varies by (15.3.7, 15.4.5).
 */
function isPart(status: number, hasRange: boolean): boolean {
  return status === 304 || hasRange;
}

/** RFC 9110 12.5.3: named or covered by `*`, not with weight 0, and not below a weight that "identity" is given. */
function acceptsGzip(accepted: string | undefined): boolean {
  if (accepted === undefined) return false;
  if (accepted === 'gzip, deflate, br, zstd' || accepted === 'gzip, deflate') return true; // what browsers send
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight));
  }
  const weight = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return weight > 0 && weight >= (weights.get('identity') ?? 0);
}
