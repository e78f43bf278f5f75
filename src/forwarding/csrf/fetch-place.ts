import { withQueries } from '../upstream-address.ts';

/** Where the token for a request is fetched. */
export interface FetchPlace {
  /** Path and query at the backend. */
  readonly path: string;
  /** For what a token from there is kept: requests with the same scope share it. */
  readonly scope: string;
}

export interface FetchPlaceInput {
  /** `csrfToken.fetchPath`, resolved. */
  readonly configured: string | undefined;
  /** Path and query of the request at the backend, without the destination's queries. */
  readonly requested: string;
  /** The destination's queries, encoded. */
  readonly queries: string;
}

/** What stands before the first entity set, function or `$batch`, by the paths that SAP's systems serve OData at. */
const serviceRoots = [
  /^.*?\/sap\/opu\/odata4(?:\/[^/]+){6}(?=\/|$)/i, // namespace, group, repository, service namespace, service, version
  /^.*?\/sap\/opu\/odata(?:\/[^/]+){2}(?=\/|$)/i, // namespace, service with its version
  /^.*?\/sap\/(?:c4c|byd)\/odata(?:\/cust)?\/v\d+\/[^/]+(?=\/|$)/i,
  /^.*(?=\/(?:\$|%24)batch$)/i,
];

/**
 * Pure. The configured path; else the root of the OData service, with the slash that some systems insist on; else the
 * request's own path. SAP's systems have a session for each client (`sap-client`), so that goes along; no other query does.
 */
export function fetchPlaceOf({ configured, requested, queries }: FetchPlaceInput): FetchPlace {
  const [path = '/', query = ''] = split(requested);
  const client = query.split('&').find((pair) => /^sap-client=/i.test(pair)) ?? '';
  const root = configured ?? rootOf(path);
  return {
    path: withQueries(withQueries(root ?? path, client), queries),
    // What has no root that could be told is one service, or the destination says where its tokens come from.
    scope: `${root ?? ''} ${client}`,
  };
}

function rootOf(path: string): string | undefined {
  for (const pattern of serviceRoots) {
    const found = pattern.exec(path);
    if (found !== null) return `${found[0]}/`;
  }
  return undefined;
}

function split(url: string): [path: string, query?: string] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}
