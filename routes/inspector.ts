import type { Request, Response } from 'express';
import { AppError } from '../src/errors/app-error.ts';
import { refuseStrangers } from '../src/inspector/guard.ts';
import { inspectorPath } from '../src/inspector/inspector-path.ts';
import type { Inspector } from '../src/inspector/open-inspector.ts';
import type { PageFile } from '../src/inspector/read-page.ts';
import type { Door } from './door.ts';

/** Nothing from elsewhere, nothing inline, framed by nobody, and no text ever becomes markup. */
const policy = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
].join('; ');

/** `/-/inspector` and what belongs to it: page, stream of events. For who sits at this machine. */
export function inspectorDoors(inspector: Inspector): readonly Door[] {
  const files = [...inspector.files].map(
    ([path, file]): Door => ({
      path,
      methods: {
        GET(request, response) {
          refuseStrangers(request, request.arrival.scheme, path === inspectorPath);
          sendFile(file, request, response);
        },
      },
    }),
  );
  const events: Door = {
    path: `${inspectorPath}/events`,
    methods: {
      GET(request, response) {
        refuseStrangers(request, request.arrival.scheme, false);
        if (request.method === 'HEAD') return void response.end();
        if (!inspector.stream(response, request.get('last-event-id')))
          throw new AppError({ code: 'ERR_FORBIDDEN', status: 403, detail: 'Too many pages look already.' });
      },
      DELETE(request, response) {
        refuseStrangers(request, request.arrival.scheme, false);
        inspector.clear();
        response.status(204).end();
      },
    },
  };
  return [...files, events];
}

function sendFile({ type, content, etag }: PageFile, request: Request, response: Response): void {
  const head = [
    ...['content-security-policy', policy],
    ...['cross-origin-opener-policy', 'same-origin'],
    ...['cross-origin-resource-policy', 'same-origin'],
    ...['referrer-policy', 'no-referrer'],
    ...['x-frame-options', 'DENY'],
    ...['x-content-type-options', 'nosniff'],
    ...['cache-control', 'no-cache'],
    ...['etag', etag],
  ];
  if (request.get('if-none-match') === etag) return void response.writeHead(304, head).end();
  response.writeHead(200, [...head, 'content-type', type, 'content-length', String(content.length)]);
  response.end(request.method === 'HEAD' ? undefined : content);
}
