import type { Rule } from '../errors/config-error.ts';

/** What only the lint looks for: the router starts with it. */
export type LintRule =
  | 'duplicate-property'
  | 'unanchored-source'
  | 'query-decides'
  | 'redos-prone-source'
  | 'unreachable-route'
  | 'public-overlaps-protected'
  | 'unknown-scope'
  | 'scope-without-xsuaa'
  | 'logout-by-get'
  | 'cors-credentials';

/** Every rule in one sentence; docs/tools/check.md says more about each. */
export const rules: Readonly<Record<Rule | LintRule, string>> = {
  'invalid-json': 'A file is no valid JSON.',
  'unknown-property': 'A property that nothing reads, most often a misspelling.',
  'invalid-value': 'A value that the router refuses.',
  'doubtful-value': 'A value that is accepted, and probably does not do what it seems to.',
  'missing-file': 'A file or folder that is not there, or lies outside the working directory.',
  'unset-variable': 'An environment variable is referred to and not set.',
  'unknown-destination': 'A destination that is configured nowhere.',
  'login-impossible': 'A route needs a login, and no identity provider is there to give it.',
  'key-store': 'A key store that cannot be used.',
  'certificate-expires': 'A certificate that has expired, or does within 30 days.',
  'duplicate-property': 'Two properties of one object have the same name; only the last one counts.',
  'unanchored-source': 'A source without ^ is found anywhere in the request target, the query included.',
  'query-decides': 'The query of a request can change which route takes it.',
  'redos-prone-source': 'A regular expression that some requests keep busy for very long.',
  'unreachable-route':
    'A route that no request reaches: an earlier one takes them all, or its source is found in none.',
  'public-overlaps-protected': 'A public route takes requests that a protected route is there for.',
  'unknown-scope': 'A scope that xs-security.json does not declare, or that looks like a misspelling of another one.',
  'scope-without-xsuaa': '$XSAPPNAME in a scope, and no XSUAA is bound that would say what it stands for.',
  'logout-by-get': 'A link or image on any site can log people out.',
  'cors-credentials': 'CORS with cookies is allowed because nothing is said about it.',
};
