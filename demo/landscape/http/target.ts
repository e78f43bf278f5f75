/** A request's path and query, as they were sent: nothing decoded, no dots resolved. */
export interface RequestTarget {
  readonly path: string;
  /** Without question mark. */
  readonly query: string;
}

/** Splits `request.url`; unlike the URL class it never throws. */
export function readTarget(url: string): RequestTarget {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}
