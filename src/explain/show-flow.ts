import type { Principal } from '../authorization/principal.ts';
import type { Destination } from '../destinations/destination.ts';
import { AppError } from '../errors/app-error.ts';
import type { Credential } from '../tokens/credential.ts';
import type { Flow } from '../tokens/flow.ts';
import { noInput } from '../tokens/flow-input.ts';
import { flowTable } from '../tokens/flow-table.ts';
import type { Find } from '../tokens/lineage.ts';
import { lookAtCredential, lookAtForm } from '../tokens/look-into.ts';
import { createTokens } from '../tokens/obtain-credential.ts';
import { isPlainField } from '../tokens/plain-fields.ts';
import { prepareTokenRequest, type RequestToken } from '../tokens/request-token.ts';
import type { Failure, ShownFlow, ShownHeader, ShownTokenRequest } from './explanation.ts';

/**
 * Runs the flow of a destination to the end with token services that are not asked: each request is built as it would be
 * sent, signatures included, and answered by a token that nobody takes.
 * @param answer what stands for a token of a token service
 */
export async function showFlow(
  destination: Destination,
  principal: Principal,
  find: Find,
  answer: string,
): Promise<{ readonly flow: ShownFlow; readonly credential: Credential | undefined }> {
  const requests: ShownTokenRequest[] = [];
  const requestToken: RequestToken = async (inquiry) => {
    const { headers, body } = await prepareTokenRequest(inquiry);
    const { url, clientAuthentication } = inquiry.tokenService;
    requests.push({
      destination: inquiry.destination,
      method: 'POST',
      url: withoutValues(url),
      clientProof:
        inquiry.bearer !== undefined
          ? "the user's token"
          : inquiry.clientAssertion !== undefined
            ? 'client assertion of another destination'
            : proofs[clientAuthentication.method],
      headers: Object.entries(headers).map(shownHeader),
      form: lookAtForm(body, isPlainField),
    });
    return { token: answer, expiresAt: inquiry.now + 3_600_000 };
  };
  const tokens = createTokens({ requestToken, find });
  const flow = flowTable[destination.authentication] as Flow<Destination>;
  const actsFor = flow.kind === 'local' ? 'nobody' : flow.actsFor(destination, noInput);
  try {
    const credential = await tokens.obtain(destination, principal);
    return { flow: { actsFor, requests, credential: lookAtCredential(credential), failure: undefined }, credential };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    return { flow: { actsFor, requests, credential: undefined, failure: failureOf(cause) }, credential: undefined };
  }
}

const proofs = {
  none: 'none of its own',
  client_secret_post: 'secret in the form',
  client_secret_basic: 'secret in the Authorization header',
  tls_client_auth: 'certificate of the TLS connection',
  private_key_jwt: 'client assertion, made for this request',
  fetched_assertion: 'client assertion of another destination',
} as const;

function failureOf({ status, detail, code, hint }: AppError): Failure {
  return { status, detail: detail ?? code, hint };
}

const plainHeaders = new Set(['accept', 'content-type', 'x-cf-encoded-credentials']);

/** Of an Authorization its scheme; of what is configured only that it is there. */
function shownHeader([name, value]: [string, string]): ShownHeader {
  if (plainHeaders.has(name)) return { name, value };
  return { name, value: name === 'authorization' ? `${value.split(' ', 1)[0]} […]` : '[…]' };
}

/** Queries of a token service may hold secrets. */
function withoutValues(url: URL): string {
  const query = [...url.searchParams].map(([name, value]) => `${name}=${isPlainField(name) ? value : '[…]'}`).join('&');
  return `${url.origin}${url.pathname}${query === '' ? '' : `?${query}`}`;
}
