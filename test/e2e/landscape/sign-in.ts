import { createHash, randomBytes } from 'node:crypto';
import type { Landscape } from '../../../demo/landscape/landscape.ts';
import type { LandscapeUser } from '../../../demo/landscape/users.ts';
import { type Answer, postForm } from './post-form.ts';

export const redirectUri = 'http://localhost:5000/login/callback';

/** A browser as far as the sign-in needs one: it keeps cookies and follows no redirect by itself. */
export interface Browser {
  get(url: string): Promise<Response>;
  post(url: string, fields: Readonly<Record<string, string>>): Promise<Response>;
}

export function makeBrowser(): Browser {
  const cookies = new Map<string, string>();
  const send = async (url: string, init: RequestInit) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie, accept: 'text/html' } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  return {
    get: (url) => send(url, {}),
    post: (url, fields) => send(url, { method: 'POST', body: new URLSearchParams(fields) }),
  };
}

export interface Authorization {
  /** What came to the redirect URI. */
  readonly callback: URL;
  readonly verifier: string;
  readonly nonce: string;
}

type Parameters = Readonly<Record<string, string>>;

/** Goes to the authorize endpoint and through the sign-in page as `user`, by plain HTTP. */
export async function authorize(
  landscape: Landscape,
  user: LandscapeUser,
  parameters: Parameters = {},
  browser: Browser = makeBrowser(),
): Promise<Authorization> {
  const { url, verifier, nonce } = authorizeRequest(landscape, parameters);
  let response = await browser.get(url);
  for (let hops = 0; hops < 6; hops += 1) {
    const location = new URL(response.headers.get('location') ?? '', url);
    if (location.href.startsWith(redirectUri)) return { callback: location, verifier, nonce };
    const isSignInPage = location.pathname.includes('/sign-in/');
    if (isSignInPage) await browser.get(location.href);
    response = isSignInPage
      ? await browser.post(location.href, { user: user.email })
      : await browser.get(location.href);
  }
  throw new Error('the sign-in did not come back to the redirect URI');
}

/** An authorization request with PKCE, state and nonce; `parameters` win. */
export function authorizeRequest({ entra }: Landscape, parameters: Parameters = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const nonce = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    client_id: entra.client.id,
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'openid profile email offline_access',
    state: 'state-1',
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...parameters,
  });
  return { url: `${entra.authorizeUrl}?${query}`, verifier, nonce };
}

/** The form that redeems a code with the client's secret. */
export function codeForm({ entra }: Landscape, { callback, verifier }: Authorization) {
  return {
    grant_type: 'authorization_code',
    client_id: entra.client.id,
    client_secret: entra.client.secret,
    code: callback.searchParams.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
}

export interface Tokens {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token: string;
}

/** Signs a user in and redeems the code. */
export async function signIn(landscape: Landscape, user: LandscapeUser, parameters: Parameters = {}): Promise<Tokens> {
  const answer: Answer = await postForm(
    landscape.entra.tokenUrl,
    codeForm(landscape, await authorize(landscape, user, parameters)),
  );
  if (answer.status !== 200) throw new Error(`the code was refused: ${JSON.stringify(answer.body)}`);
  return answer.body as unknown as Tokens;
}
