import { badRequest } from './graph-error.ts';

export interface QueryOptions {
  readonly select: readonly string[] | undefined;
  readonly top: number;
  readonly skip: number;
}

const readable = ['$select', '$top', '$skiptoken'];

/** Reads the OData options Graph and we both know. @throws GraphError 400 for any other option that begins with `$` */
export function readQueryOptions(query: URLSearchParams): QueryOptions {
  for (const name of query.keys()) {
    if (name.startsWith('$') && !readable.includes(name))
      throw badRequest(`The query option '${name}' is not supported.`);
  }
  return {
    select: query
      .get('$select')
      ?.split(',')
      .map((name) => name.trim()),
    top: whole(query, '$top', 100, 1, 999),
    skip: whole(query, '$skiptoken', 0, 0, Number.MAX_SAFE_INTEGER),
  };
}

function whole(query: URLSearchParams, name: string, otherwise: number, min: number, max: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw badRequest(`Invalid value '${text}' for ${name} query option found.`);
  return value;
}
