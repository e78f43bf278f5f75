import type { Request, Response } from 'express';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { errorBody, noStore } from './answer-error.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { AuthenticatedClient } from './client-authentication.ts';
import { type AuthorizedRequest, authorizeForUser, issueForUser } from './delegated-tokens.ts';
import { type Directory, findUser } from './directory.ts';
import { EntraError } from './errors.ts';
import { scopesAsAsked } from './op/offline-access.ts';
import type { OpenIdProvider } from './op/provider.ts';
import { inEntrasWords } from './op/refusals.ts';
import { replay } from './op/replay.ts';
import { readFirstScope, readScope } from './scope.ts';
import type { TokenRequest } from './token-request.ts';

/** A request on its way through the OP, with what the token endpoint has found out about it. */
interface Passage {
  readonly asked: TokenRequest;
  /** undefined: the OP will not know the code or token either. */
  readonly authorized: AuthorizedRequest | undefined;
}

export interface SignInGrants {
  /** Has the OP redeem the code or refresh token of an authenticated client, and answers. */
  redeem(asked: TokenRequest, client: AuthenticatedClient, request: Request, response: Response): Promise<void>;
}

/**
 * Authorization codes and refresh tokens of a sign-in. The OP judges them (single use, PKCE, redirect URI, rotation);
 * its answer is then put into Entra's words, and its tokens replaced by ones with Entra's claims, signed with the same key.
 */
export function makeSignInGrants(op: OpenIdProvider, directory: Directory): SignInGrants {
  const passages = new WeakMap<object, Passage>();
  const problems = new WeakMap<object, Error>();
  op.provider.on('grant.error', (context, problem) => problems.set(context, problem));
  // A defect of the demo itself: the OP answers server_error and would keep the reason.
  op.provider.on('server_error', (_context, problem) => console.error('The demo directory failed.', problem));

  op.provider.use(async (context: KoaContextWithOIDC, next) => {
    await next();
    const passage = passages.get(context.req);
    const problem = problems.get(context);
    if (!passage) return;
    await directory.turn();
    context.set(noStore);
    if (problem) {
      const refusal = inEntrasWords(problem, passage.asked, op.memory);
      context.status = refusal.status;
      context.body = errorBody(refusal, context.req);
    } else if (context.status === 200 && passage.authorized) {
      context.body = await asEntraAnswer(context.body, passage.asked, passage.authorized, directory);
    }
  });

  const answer = op.provider.callback();
  return Object.freeze({
    redeem: async (asked: TokenRequest, client: AuthenticatedClient, request: Request, response: Response) => {
      checkParameters(asked);
      const authorized = authorizeSource(asked, client, op, directory);
      const inner = replay(request, innerForm(asked, client, op.innerSecret));
      passages.set(inner, { asked, authorized });
      await answer(inner, response);
    },
  });
}

/** What can be said about the parameters before anything is looked up. */
function checkParameters(asked: TokenRequest): void {
  readClaimsRequest(asked.get('claims'));
  if (asked.grant === 'refresh_token') return void asked.require('refresh_token');
  asked.require('code');
  asked.require('redirect_uri');
  const verifier = asked.get('code_verifier');
  // RFC 7636 4.1 (token-flows.md F11).
  if (verifier !== undefined && !/^[A-Za-z0-9._~-]{43,128}$/.test(verifier)) throw new EntraError(501491);
}

/** Applies scope and policies to what the code or token stands for. A code that is spent or another's is left to the OP. */
function authorizeSource(
  asked: TokenRequest,
  client: AuthenticatedClient,
  { memory }: OpenIdProvider,
  directory: Directory,
): AuthorizedRequest | undefined {
  const source =
    asked.grant === 'refresh_token'
      ? memory.peek('RefreshToken', asked.get('refresh_token') ?? '')
      : memory.peek('AuthorizationCode', asked.get('code') ?? '');
  const user = findUser(directory, source?.accountId);
  if (!source || !user || source.consumed || source.clientId !== client.application.id) return undefined;
  const before = scopesAsAsked((source.scope ?? '').split(' '));
  const named = asked.get('scope');
  // A sign-in may have asked for several resources; its tokens are for the first (token-flows.md A2, A3).
  const read = asked.grant === 'refresh_token' || named === undefined ? readFirstScope : readScope;
  const scope = read(named ?? before.join(' '), directory.resources);
  return authorizeForUser(directory, {
    grant: asked.grant,
    client,
    user,
    // Who signed in with openid keeps getting ID tokens, whatever API the access token is for.
    scope: { ...scope, openId: [...new Set([...before.filter((name) => !name.includes('/')), ...scope.openId])] },
    claims: readClaimsRequest(asked.get('claims')),
    signIn: { nonce: source.nonce, authTime: source.authTime, session: source.sessionUid },
  });
}

/** `scope` stays here: a refresh token of Entra serves any resource consented to, one of the OP only its own scopes. */
function innerForm(asked: TokenRequest, { application }: AuthenticatedClient, innerSecret: string): URLSearchParams {
  const form = new URLSearchParams({ grant_type: asked.grant, client_id: application.id });
  if (application.kind === 'confidential') form.set('client_secret', innerSecret);
  for (const name of ['code', 'redirect_uri', 'code_verifier', 'refresh_token']) {
    const value = asked.get(name);
    if (value !== undefined) form.set(name, value);
  }
  return form;
}

async function asEntraAnswer(
  answer: unknown,
  asked: TokenRequest,
  authorized: AuthorizedRequest,
  directory: Directory,
) {
  const { refresh_token: refreshToken } = answer as { refresh_token?: string };
  const info = { uid: authorized.user.oid, utid: directory.tenant };
  return {
    ...(await issueForUser(directory, authorized)),
    ...(refreshToken ? { refresh_token: refreshToken } : {}),
    // Asked for by MSAL (token-flows.md A5).
    ...(asked.get('client_info') === '1'
      ? { client_info: Buffer.from(JSON.stringify(info)).toString('base64url') }
      : {}),
  };
}
