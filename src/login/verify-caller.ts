import { createHash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { decodeJwt } from 'jose/jwt/decode';
import type { User } from '../authorization/principal.ts';
import type { IdentityProvider } from '../config/identity-provider.ts';
import { AppError } from '../errors/app-error.ts';
import type { CallerProof } from './caller-proof.ts';
import { checkSender } from './check-sender.ts';
import { loginFailed } from './login-failed.ts';
import type { RelyingParty } from './relying-party.ts';

/**
 * The user that a program calls for.
 * @param thumbprint SHA-256 of the client certificate of the request, base64url; undefined: it showed none
 * @throws AppError 401; 502 when the provider that may know the caller cannot be asked, which is not the caller's fault
 */
export type VerifyCaller = (proof: CallerProof, thumbprint?: string) => Promise<User>;

interface Party {
  readonly provider?: Pick<IdentityProvider, 'kind'> | undefined;
  readonly party: RelyingParty;
}

/** Longest token that is looked at, in characters (XSUAA's limit, token-flows.md D5). */
const longest = 16_384;
/** Callers remembered, for a minute each: they send the same proof with every request. */
const remembered = 1_000;
const lifetime = 60_000;

/** What a provider makes of each kind of proof; undefined: it is not asked. */
const ways: {
  readonly [K in CallerProof['kind']]: (
    at: Party,
    proof: Extract<CallerProof, { kind: K }>,
  ) => Promise<User> | undefined;
} = {
  bearer: ({ party }, { token }) => party.verifyToken(token),
  password: ({ party, provider }, { user, password }) =>
    provider?.kind === 'xsuaa' ? party.logInWithPassword(user, password).then((tokens) => tokens.user) : undefined,
  weak: ({ party }, { token }) => party.exchangeToken?.(token),
};

/**
 * Any configured provider may stand for the caller; each checks signature, issuer, audience, algorithm and expiry of a
 * token (T-41). Passwords are XSUAA's, tokens to be exchanged IAS's (xs-app.md section 9).
 * @param bound what of tokens that are bound to a key: this request must prove the key, or, where somebody else has proven who
 * they are and hands on the token of their user, it counts as it is: the key is theirs
 */
export function createVerifyCaller(
  parties: ReadonlyMap<string, Party>,
  now: () => number = Date.now,
  bound: 'to the caller' | 'to who hands it on' = 'to the caller',
): VerifyCaller {
  const known = new Map<string, { readonly user: User; readonly until: number }>();
  const flights = new Map<string, Promise<User>>();
  /** Once for all who show the same meanwhile: a page asks for thirty things at once, and the provider would be, too. */
  const verify = (proof: CallerProof): User | Promise<User> => {
    if (proof.kind !== 'password' && proof.token.length > longest) throw refused();
    const key = keyOf(proof);
    const cached = known.get(key);
    if (cached !== undefined && cached.until > now()) return cached.user;
    const underWay = flights.get(key);
    if (underWay !== undefined) return underWay;
    known.delete(key);
    const flight = ask(proof, key).finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
  const ask = async (proof: CallerProof, key: string): Promise<User> => {
    let outage: AppError | undefined;
    let untimely: string | undefined;
    for (const at of parties.values()) {
      const way = ways[proof.kind] as (at: Party, proof: CallerProof) => Promise<User> | undefined;
      const user = await way(at, proof)?.catch((cause: unknown) => {
        const failure = loginFailed(cause);
        if (failure.status >= 500) outage = failure;
        else untimely ??= tellTimes(failure, now());
        return undefined;
      });
      if (user === undefined) continue;
      const end = typeof user.claims['exp'] === 'number' ? user.claims['exp'] * 1000 : 0;
      const oldest = known.size >= remembered ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      known.set(key, { user, until: Math.min(end, now() + lifetime) });
      return user;
    }
    throw outage ?? refused(untimely);
  };
  return async (proof, thumbprint) => {
    const user = await verify(proof);
    if (bound === 'to who hands it on') return user;
    // At each request: a remembered token is not a remembered sender. What a password brought is bound to us, if at all.
    if (proof.kind === 'bearer') checkSender(user.claims['cnf'], thumbprint);
    if (proof.kind === 'weak') checkSender(decodeJwt(proof.token)['cnf'], thumbprint);
    return user;
  };
}

/** A password is not kept, nor could it be found again from its key in less time than by asking the provider. */
function keyOf(proof: CallerProof): string {
  if (proof.kind !== 'password') return `${proof.kind} ${proof.token}`;
  return createHash('sha256')
    .update(JSON.stringify([perProcess, proof.user, proof.password]))
    .digest('base64url');
}

const perProcess = crypto.randomUUID();

/**
 * Why a token that is genuine is refused for its times: whoever sees that the seconds are few knows that a clock is wrong.
 * @returns undefined for every other reason: nothing is told of a token that is not genuine
 */
function tellTimes({ cause }: AppError, now: number): string | undefined {
  const { claim, payload = {} } = (cause ?? {}) as { claim?: unknown; payload?: JWTPayload };
  const secondsTo = (time: unknown) => (typeof time === 'number' ? Math.round(time - now / 1000) : undefined);
  const [toBegin, toEnd] = [secondsTo(payload.nbf), secondsTo(payload.exp)];
  if (claim === 'nbf' && toBegin !== undefined)
    return `The token is not valid for another ${toBegin} s by the clock here.`;
  return claim === 'exp' && toEnd !== undefined ? `The token ended ${-toEnd} s ago by the clock here.` : undefined;
}

function refused(untimely = ''): AppError {
  return new AppError({
    code: 'ERR_LOGIN_REQUIRED',
    status: 401,
    detail: `The caller was not accepted. ${untimely}`.trimEnd(),
    hint: 'A token must be issued by the identity provider of this application, for this application, and not have ended.',
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}
