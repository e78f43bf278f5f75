import compression from 'compression';
import type { Request, Response } from 'express';

/** Makes an answer compressible; to be called before its head is written. */
export type Compress = (request: Request, response: Response) => void;

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
  if (settings.enabled === false) return () => {};
  const mixed = settings.compressResponseMixedTypeContent === true;
  const compress = compression({
    threshold: settings.minSize ?? 1024,
    filter(request, response) {
      const type = String(response.getHeader('content-type') ?? '');
      // Events would wait in the compressor until its buffer is full.
      if (/^text\/event-stream/i.test(type)) return false;
      if (/^multipart\/mixed/i.test(type)) return mixed;
      return compression.filter(request, response);
    },
  });
  return (request, response) => {
    const accepted = request.headers['accept-encoding'] ?? '';
    // Only gzip is offered: what the approuter answers, and what every client and cache on the way knows.
    const view = Object.create(request, {
      headers: { value: { ...request.headers, 'accept-encoding': acceptsGzip(accepted) ? 'gzip' : 'identity' } },
    });
    compress(view, response, () => {});
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
