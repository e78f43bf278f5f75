import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Request, Response } from 'express';
import send from 'send';
import { isConfiguration } from '../config/configuration-files.ts';
import { AppError } from '../errors/app-error.ts';
import { isProcessed, processedType, type Replacement, replacePlaceholders } from '../routing/replacement.ts';

/** A static file as a route names it. */
export interface LocalFile {
  readonly root: string;
  readonly cacheControl: string | undefined;
  readonly replacement: Replacement | undefined;
  /** Rewritten path, percent-encoded, without query. */
  readonly file: string;
  readonly workingDirectory: string;
}

/**
 * Serves a file of a `localDir` route (xs-app.md 3.6): ranges, conditional requests, index.html of folders; names that
 * begin with a dot do not exist, nor does the configuration, which holds secrets, where `localDir` is the working
 * directory itself. Links are followed, but never out of the working directory (13.1 #17, T-06).
 * @throws AppError 404
 */
export async function serveLocalDir(request: Request, response: Response, local: LocalFile): Promise<void> {
  const { root, cacheControl, replacement } = local;
  const decoded = decode(local.file);
  const named = decoded.endsWith('/') ? `${decoded}index.html` : decoded;
  const found = await realpath(path.join(root, named)).catch(() => undefined);
  const home = await realpath(local.workingDirectory);
  if (found === undefined || (found !== home && !found.startsWith(home + path.sep))) throw notFound();
  const asked = path.relative(local.workingDirectory, path.join(root, named));
  if (isConfiguration(asked) || isConfiguration(path.relative(home, found))) throw notFound();
  if (cacheControl !== undefined) {
    // With something of one visitor's, the owner's word stands as recorded, and no cache may use it again (RFC 9111 4.1).
    if (response.isPrivate) response.setHeader('Vary', '*').setHeader('CDN-Cache-Control', 'no-store');
    response.setHeader('Cache-Control', cacheControl);
  }
  if (replacement !== undefined && !isHidden(named) && isProcessed(replacement, named) && (await isFile(found)))
    return serveProcessed(request, response, replacement, path.join(root, named));
  await serveAsIs(request, response, root, local.file);
}

function serveAsIs(request: Request, response: Response, root: string, file: string): Promise<void> {
  return new Promise((served, failed) => {
    send(request, file, { root, dotfiles: 'ignore', index: 'index.html', cacheControl: false })
      .on('directory', () => {
        response.redirect(301, withSlash(request.arrival));
        served();
      })
      .on('error', (cause: { status?: number }) => {
        // They are the file's, and the answer is another one.
        for (const name of ['Cache-Control', 'Content-Type', 'Last-Modified']) response.removeHeader(name);
        failed(cause.status === 416 || cause.status === 412 ? notServed(cause.status) : notFound(cause));
      })
      .on('headers', (answer: Response, found: string) => {
        // The name approuters use, as for files with placeholders (xs-app.md 3.7); RFC 9239 6 keeps it as an alias.
        if (/\.m?js$/i.test(found)) answer.setHeader('Content-Type', 'application/javascript; charset=UTF-8');
      })
      .on('end', served)
      .pipe(response);
    response.once('close', served);
  });
}

/** A file with placeholders: no ETag, no ranges, chunked (xs-app.md 3.7). */
async function serveProcessed(
  request: Request,
  response: Response,
  replacement: Replacement,
  file: string,
): Promise<void> {
  const text = replacePlaceholders(replacement, await readFile(file, 'utf8'));
  response.setHeader('Content-Type', processedType(file));
  if (request.method === 'HEAD') return void response.end();
  response.write(text);
  response.end();
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file)).isFile();
}

function isHidden(file: string): boolean {
  return file.split('/').some((segment) => segment.startsWith('.'));
}

/** The client's own path with a slash at its end, and its query; never `//host`, which would be another site (T-50). */
function withSlash({ path: clientPath, url }: Request['arrival']): string {
  return `/${clientPath.replace(/^[/\\]+/, '')}/${url.slice(clientPath.length)}`;
}

/** The file is there, but not as the request's conditions want it (RFC 9110 13.1, 14.2). */
function notServed(status: number): AppError {
  return new AppError({ code: 'ERR_BAD_REQUEST', status });
}

/** @throws AppError 404: bytes that are no UTF-8 name no file */
function decode(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch (cause) {
    throw notFound(cause);
  }
}

function notFound(cause?: unknown): AppError {
  return new AppError({ code: 'ERR_NOT_FOUND', status: 404, cause });
}
