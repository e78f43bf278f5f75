import type { Properties } from './properties.ts';

export interface UrlRules {
  readonly query: boolean;
  /** Makes a URL of what is written, where it is not one yet. */
  readonly change?: (text: string) => string;
}

/** Stands in for a URL that has been reported as wrong, so that the rest can still be checked. */
const standIn = 'https://invalid.invalid/';

/**
 * Reads an absolute http(s) URL without credentials and fragment; a query only where `query` allows it.
 * `ws` and `wss` mean http and https: an upgrade begins as a request.
 */
export function readUrl(p: Properties, name: string, why: string, { query, change = (text) => text }: UrlRules): URL {
  const text = change(p.required(name, why).trim());
  if (text === '') return new URL(standIn);
  const fault = urlFault(text, query);
  if (fault === undefined) return new URL(text.replace(/^ws/i, 'http'));
  p.problem(name, fault);
  return new URL(standIn);
}

function urlFault(text: string, query: boolean): string | undefined {
  // The URL parser forgives these silently, and then two readers may see two URLs.
  if (/[\s\\]/.test(text) || !/^(https?|wss?):\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    return 'must be an absolute URL such as https://host.example/path';
  }
  const { username, password } = new URL(text);
  if (username !== '' || password !== '') return 'must not hold a user or password; use the properties made for them';
  if (text.includes('#')) return 'must not have a fragment (#…)';
  if (!query && text.includes('?')) return 'must not have a query (?…); use URL.queries.<name>';
  return undefined;
}
