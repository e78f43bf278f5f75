import { createHash } from 'node:crypto';
import { AppError } from '../errors/app-error.ts';
import type { TokenAnswer } from './parse-token-answer.ts';
import type { RequestToken, TokenInquiry } from './request-token.ts';
import { delayed } from './retry-after.ts';

/** What is known of a client at a token service. */
interface Standing {
  /** Refusals of the client itself in a row. */
  failures: number;
  /** Milliseconds since the epoch before which nothing is asked. */
  until: number;
  error: AppError | undefined;
  /** The service has let this client in since it was last refused. */
  proven: boolean;
  /** The request that finds out; others wait for it. */
  probe: Promise<unknown> | undefined;
}

/**
 * Milliseconds after the first refusal in a row, the second and so on; the last stands for all further ones. Short at
 * first, for who has just registered a key; so long then that five refusals take more than an hour.
 */
const pauses = [2_000, 30_000, 300_000, 3_600_000];

/** Clients whose standing is known at most. */
const capacity = 1_000;

/**
 * Keeps a client that is refused from asking on: IAS locks a client id for an hour after five wrong proofs in a row
 * (token-flows.md C2), and every waiting user would be one. So the first request of a client goes alone, and after a
 * refusal of the client, whoever the user, there is a pause.
 * @param now milliseconds since the epoch
 * @param send asks the token service
 */
export function guardClients(now: () => number, send: RequestToken): RequestToken {
  const standings = new Map<string, Standing>();

  const standingOf = (key: string): Standing => {
    let standing = standings.get(key);
    if (standing === undefined) {
      standing = { failures: 0, until: 0, error: undefined, proven: false, probe: undefined };
      standings.set(key, standing);
      const [oldest] = standings.keys();
      if (standings.size > capacity && oldest !== undefined) standings.delete(oldest);
    }
    return standing;
  };

  const judged = async (standing: Standing, inquiry: TokenInquiry): Promise<TokenAnswer> => {
    try {
      const answer = await send(inquiry);
      Object.assign(standing, { failures: 0, until: 0, error: undefined, proven: true });
      return answer;
    } catch (error) {
      if (!isRefusalOfClient(error, inquiry.fields.grant_type)) {
        // Whoever finds fault with the grant has let the client in before.
        if (error instanceof AppError && error.members['error'] !== undefined) standing.proven = true;
        throw error;
      }
      const pause = pauses[Math.min(standing.failures, pauses.length - 1)] ?? 0;
      const told = delayed(error, pause);
      Object.assign(standing, { failures: standing.failures + 1, until: now() + pause, error: told, proven: false });
      throw told;
    }
  };

  return async (inquiry) => {
    // The user's token is the proof: nothing of the client's can be wrong.
    if (inquiry.bearer !== undefined) return send(inquiry);
    const standing = standingOf(clientKey(inquiry));
    if (!standing.proven && standing.probe !== undefined) await standing.probe.catch(() => undefined);
    const left = standing.until - now();
    if (left > 0 && standing.error) throw delayed(standing.error, left);
    if (standing.proven || standing.probe !== undefined) return judged(standing, inquiry);
    const probe = judged(standing, inquiry);
    standing.probe = probe;
    const end = () => {
      standing.probe = undefined;
    };
    probe.then(end, end);
    return probe;
  };
}

/** Grants that hand in what is one user's own, and may be refused for it. */
const ofOneUser =
  /^(?:refresh_token|authorization_code|urn:ietf:params:oauth:grant-type:(?:jwt-bearer|saml2-bearer|token-exchange))$/;

/**
 * `invalid_client` (RFC 6749 5.2), or what XSUAA says instead (token-flows.md D5). It says that, too, to a client it has
 * let in, of a grant that is not allowed to it: no reason to hold back the grants that are. And of one user's assertion, which
 * is no reason to hold back other users.
 */
function isRefusalOfClient(error: unknown, grant: string): error is AppError {
  if (!(error instanceof AppError)) return false;
  const { error: said, tokenServiceStatus, description } = error.members;
  if (typeof description === 'string' && /unauthorized grant type/i.test(description)) return false;
  if (said === 'invalid_client') return true;
  if (said !== 'unauthorized' || tokenServiceStatus !== 401) return false;
  return !ofOneUser.test(grant) || /\b(?:credentials?|client)\b/i.test(String(description ?? ''));
}

/** Who asks where with what proof; hashed, for the proof may be a secret. */
function clientKey({ tokenService, clientAssertion }: TokenInquiry): string {
  const { url, clientId, clientAuthentication, body, headers, tls } = tokenService;
  const { keyPair, ...assertion } =
    clientAuthentication.method === 'private_key_jwt' ? clientAuthentication.assertion : { keyPair: undefined };
  const proof = clientAuthentication.method === 'private_key_jwt' ? assertion : clientAuthentication;
  const certificates = [keyPair?.fingerprint, tls.clientCertificate?.fingerprint];
  const text = JSON.stringify([url.href, clientId, proof, certificates, clientAssertion, body, headers]);
  return createHash('sha256').update(text).digest('base64url');
}
