import compression from 'compression';
import type { Request, Response } from 'express';

/** Compression of answers. */
export interface Compress {
  /** Makes an answer compressible; to be called before its head is written. `size` in bytes, where it is known. */
  prepare(request: Request, response: Response, size?: number): void;
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
  if (settings.enabled === false) return { prepare() {}, waitsForChunk: () => false };
  const minSize = settings.minSize ?? 1024;
  const mixed = settings.compressResponseMixedTypeContent === true;
  const compress = compression({
    threshold: minSize,
    filter(request, response) {
      const type = String(response.getHeader('content-type') ?? '');
      // No body, or a part whose Content-Range counts bytes of what is sent (RFC 9110 14.4).
      if (response.statusCode === 204 || response.statusCode === 304 || response.hasHeader('content-range'))
        return false;
      // Events would wait in the compressor until its buffer is full.
      if (/^text\/event-stream/i.test(type)) return false;
      if (/^multipart\/mixed/i.test(type)) return mixed;
      return compression.filter(request, response);
    },
  });
  return {
    prepare(request, response, size) {
      const gzip = acceptsGzip(request.headers['accept-encoding'] ?? '') && (size === undefined || size >= minSize);
      // Only gzip is offered: what the approuter answers, and what every client and cache on the way knows.
      const view = Object.create(request, {
        headers: { value: { ...request.headers, 'accept-encoding': gzip ? 'gzip' : 'identity' } },
      });
      compress(view, response, () => {});
    },
    waitsForChunk(request, headers) {
      if (request.method === 'HEAD' || !acceptsGzip(request.headers['accept-encoding'] ?? '')) return false;
      const value = (wanted: string) =>
        headers[headers.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === wanted) + 1];
      const has = (wanted: string) => headers.some((name, i) => i % 2 === 0 && name.toLowerCase() === wanted);
      if (has('content-length') || !has('content-type')) return false;
      return /^(?:text\/(?!event-stream)|application\/[\w.+-]*(?:json|xml|javascript))/i.test(
        value('content-type') ?? '',
      );
    },
  };
}

/** RFC 9110 12.5.3: named or covered by `*`, and not with weight 0. */
function acceptsGzip(accepted: string): boolean {
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight));
  }
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}
