import { jwtPart } from './jwt-part.ts';
import type { Login } from './session-data.ts';

type User = Login['user'];
type Claims = User['claims'];

/**
 * A login as memory holds it: claims that its tokens say are read out of them when somebody asks, which is for token
 * requests and logouts only. A user with sixty groups takes half as much then (docs/performance.md, measured).
 * @returns the same login where its claims are not those of its tokens
 */
export function compactLogin(login: Login): Login {
  const { user, idToken } = login;
  if (user instanceof CompactUser || JSON.stringify(claimsIn(user.token, idToken)) !== JSON.stringify(user.claims))
    return login;
  return { ...login, user: new CompactUser(user, idToken) };
}

/** What an id_token says, and over it what the token says that is handed on. */
function claimsIn(token: string, idToken: string | undefined): Claims {
  const handedOn = jwtPart(token, 'claims');
  return Object.freeze({ ...(idToken === undefined ? {} : jwtPart(idToken, 'claims')), ...handedOn });
}

/** A class for its one getter on the prototype: a getter of each object's own costs V8 as much as it saves. */
class CompactUser implements User {
  readonly kind = 'user';
  readonly provider: string;
  readonly scopes: readonly string[];
  readonly token: string;
  readonly tokenHash: string;
  readonly #idToken: string | undefined;
  /** What was read last, until memory is wanted for something else. */
  #read: WeakRef<Claims> | undefined;

  constructor({ provider, scopes, token, tokenHash }: User, idToken: string | undefined) {
    this.provider = provider;
    this.scopes = scopes;
    this.token = token;
    this.tokenHash = tokenHash;
    this.#idToken = idToken === token ? undefined : idToken;
    Object.freeze(this);
  }

  get claims(): Claims {
    const known = this.#read?.deref();
    if (known !== undefined) return known;
    const claims = claimsIn(this.token, this.#idToken);
    this.#read = new WeakRef(claims);
    return claims;
  }

  /** With the claims, as any other user has them. */
  toJSON(): User {
    const { kind, provider, claims, scopes, token, tokenHash } = this;
    return { kind, provider, claims, scopes, token, tokenHash };
  }
}
