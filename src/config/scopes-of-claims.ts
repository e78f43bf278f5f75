import { z } from 'zod';

/** Scopes that values of claims stand for: claim → value → scopes (OIDC_SCOPES_OF_CLAIMS, IAS_SCOPES_OF_CLAIMS). */
export type ScopesOfClaims = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

const wanted = 'must be an object of claims, their values and the scopes of each: {"groups": {"crew": ["Viewer"]}}';
const scopes = z
  .union([z.string().min(1), z.array(z.string().min(1))], { error: 'must be a scope, or an array of scopes' })
  .transform((given) => [given].flat());

/** As JSON in a variable, as an object in a file. */
export const scopesOfClaims = z.preprocess(
  asJson,
  z.record(z.string().min(1), z.record(z.string().min(1), scopes, { error: wanted }), { error: wanted }),
);

function asJson(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}

/** With `$XSAPPNAME` replaced, as it is in routes; without an XSUAA both keep the text, and are equal all the same. */
export function withXsappname(byClaim: ScopesOfClaims, xsappname: string | undefined): ScopesOfClaims {
  if (xsappname === undefined) return byClaim;
  const replaced = (list: readonly string[]) => list.map((scope) => scope.replaceAll('$XSAPPNAME', xsappname));
  const each = <T, U>(of: Readonly<Record<string, T>>, change: (value: T) => U) =>
    Object.fromEntries(Object.entries(of).map(([name, value]) => [name, change(value)]));
  return each(byClaim, (byValue) => each(byValue, replaced));
}
