import * as oidc from 'openid-client';
import { readClaims } from './issuer-names.ts';
import { issuersOf } from './issuers-of.ts';
import type { ProviderFetch } from './provider-fetch.ts';

/** Does a grant of openid-client, with the configuration it is to be done with. */
export type Grant = <T>(work: (config: oidc.Configuration) => Promise<T>) => Promise<T>;

/**
 * openid-client expects one name of the issuer in an id_token. One that has another of the provider's names is checked by it
 * as strictly as any: the answer that brought it is read once more with that name expected, and the provider is not asked
 * again, for a code is good only once.
 * @param config what discovery made; the answers of its token endpoint are looked into from now on
 * @param call how the provider is called
 * @param alike makes a configuration with other metadata
 * @param namesIn the names that the issuer may have in a token
 */
export function grantByAnyName(
  config: oidc.Configuration,
  call: ProviderFetch,
  alike: (metadata: oidc.ServerMetadata) => oidc.Configuration,
  namesIn: (token: string) => readonly string[],
): Grant {
  const { supportsPKCE: _, ...metadata } = config.serverMetadata();
  const endpoint = URL.parse(metadata.token_endpoint ?? '')?.href;
  const isTokenEndpoint = (url: string) => URL.parse(url)?.href === endpoint;
  config[oidc.customFetch] = async (url, init) => {
    const response = await call(url, init);
    if (!isTokenEndpoint(url) || !response.ok) return response;
    const idToken = idTokenIn(await response.clone().text());
    const { iss } = readClaims(idToken);
    const expected = iss === undefined || issuersOf(metadata.issuer, idToken)[0] === iss;
    if (!expected && namesIn(idToken).includes(iss)) throw new OtherName(iss, response);
    return response;
  };
  return async (work) => {
    try {
      return await work(config);
    } catch (cause) {
      const other = [cause, (cause as Error).cause].find((error) => error instanceof OtherName);
      if (other === undefined) throw cause;
      const renamed = alike({ ...metadata, issuer: other.issuer });
      renamed[oidc.customFetch] = async (url, init) => (isTokenEndpoint(url) ? other.response : call(url, init));
      return work(renamed);
    }
  };
}

/** An answer whose id_token names the provider otherwise than its metadata do. */
class OtherName extends Error {
  readonly issuer: string;
  readonly response: Response;

  constructor(issuer: string, response: Response) {
    super('the issuer has another name');
    this.issuer = issuer;
    this.response = response;
  }
}

function idTokenIn(answer: string): string {
  try {
    return String((JSON.parse(answer) as { id_token?: unknown }).id_token);
  } catch {
    return '';
  }
}
