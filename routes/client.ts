import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { AppError } from '../src/errors/app-error.ts';
import type { Door } from './door.ts';

/** Beside the sources, or above `dist/` in the package. */
const file = ['../client/client.js', '../../client/client.js']
  .map((place) => new URL(place, import.meta.url))
  .find((place) => existsSync(place));

/**
 * The client as browsers get it: without the comments and blanks that its readers have. It has no text in quotes that
 * these patterns could hit; what is served is what the tests run.
 */
export function clientScript(source: string): string {
  return source
    .replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replace(/^[ \t]+/gm, '')
    .replace(/ ?(=>|[!=]==|\?\?=|&&|\|\||[{},:;?=<>]) ?/g, '$1')
    .replace(/([{},;])\n+/g, '$1');
}

/** `/-/client.js`: the dependency-free module with which a single-page app logs in again and goes on. */
export function clientDoor(): Door {
  const script = file === undefined ? undefined : clientScript(readFileSync(file, 'utf8'));
  const etag = script && `"${createHash('sha256').update(script).digest('base64url').slice(0, 22)}"`;
  return {
    path: '/-/client.js',
    methods: {
      GET(request, response) {
        // A package made without its folder: said, not served as an empty module.
        if (script === undefined || etag === undefined) throw new AppError({ code: 'ERR_NOT_FOUND', status: 404 });
        response.setHeader('Cache-Control', 'public, no-cache');
        response.setHeader('ETag', etag);
        if (request.get('if-none-match') === etag) return void response.status(304).end();
        response.setHeader('X-Content-Type-Options', 'nosniff');
        response.type('text/javascript').send(script);
      },
    },
  };
}
