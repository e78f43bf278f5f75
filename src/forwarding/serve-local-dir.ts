import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Request, Response } from 'express';
import send from 'send';
import { AppError } from '../errors/app-error.ts';

/**
 * Serves a file of a `localDir` route (xs-app.md 3.6): ranges, conditional requests, index.html of folders; names that
 * begin with a dot do not exist. Links are followed, but never out of the working directory (13.1 #17, T-06).
 * @param file rewritten path, percent-encoded, without query
 * @throws AppError 404
 */
export async function serveLocalDir(
  request: Request,
  response: Response,
  { root, cacheControl, file, workingDirectory }: LocalFile,
): Promise<void> {
  const found = await realpath(path.join(root, decodeURIComponent(file))).catch(() => undefined);
  const home = await realpath(workingDirectory);
  if (found === undefined || (found !== home && !found.startsWith(home + path.sep))) throw notFound();
  if (cacheControl !== undefined) response.setHeader('Cache-Control', cacheControl);
  await new Promise<void>((served, failed) => {
    send(request, file, { root, dotfiles: 'ignore', index: 'index.html', cacheControl: false })
      .on('directory', () => {
        response.redirect(301, withSlash(request.arrival.path));
        served();
      })
      .on('error', (cause: { status?: number }) => {
        response.removeHeader('Cache-Control');
        failed(cause.status === 416 ? new AppError({ code: 'ERR_BAD_REQUEST', status: 416 }) : notFound(cause));
      })
      .on('end', served)
      .pipe(response);
    response.once('close', served);
  });
}

export interface LocalFile {
  readonly root: string;
  readonly cacheControl: string | undefined;
  readonly file: string;
  readonly workingDirectory: string;
}

/** The client's own path with a slash at its end; never `//host`, which would be another site (T-50). */
function withSlash(clientPath: string): string {
  return `${clientPath.replace(/^\/+/, '/')}/`;
}

function notFound(cause?: unknown): AppError {
  return new AppError({ code: 'ERR_NOT_FOUND', status: 404, cause });
}
