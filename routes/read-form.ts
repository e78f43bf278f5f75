import { type Request, type Response, urlencoded } from 'express';

const parse = urlencoded({ extended: false, limit: '64kb' });

/** A posted form, at most 64 KB; of a name that comes twice, an array. @throws 413, 415 as express answers them */
export async function readForm(request: Request, response: Response): Promise<Readonly<Record<string, unknown>>> {
  await new Promise<void>((parsed, failed) => parse(request, response, (error) => (error ? failed(error) : parsed())));
  return (request.body ?? {}) as Readonly<Record<string, unknown>>;
}
