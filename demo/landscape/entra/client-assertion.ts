import { compactVerify, type JWTPayload } from 'jose';
import type { ConfidentialApplication, RegisteredCertificate } from './application.ts';
import type { Directory } from './directory.ts';
import { type AadstsCode, EntraError } from './errors.ts';
import { decodeJson } from './graph-nonce.ts';

const algorithms = ['PS256', 'RS256'];
/** Seconds of clock difference forgiven (token-flows.md A5). */
const skew = 300;

interface Context {
  readonly clientId: string;
  readonly tokenUrl: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The claims of a genuine assertion, rule by rule: the first that fails names the refusal (token-flows.md A5, A9). */
const claimRules: readonly {
  readonly code: AadstsCode;
  readonly fails: (claims: JWTPayload, context: Context) => boolean;
}[] = [
  { code: 5002741, fails: ({ aud }) => Array.isArray(aud) && aud.length > 1 },
  { code: 700023, fails: ({ aud }, { tokenUrl }) => [aud].flat()[0] !== tokenUrl },
  { code: 50048, fails: ({ iss, sub }) => iss === undefined || sub !== iss },
  { code: 700021, fails: ({ iss }, { clientId }) => iss !== clientId },
  { code: 700024, fails: ({ exp }, { now }) => typeof exp !== 'number' || exp + skew <= now },
  { code: 700024, fails: ({ nbf = 0 }, { now }) => typeof nbf !== 'number' || nbf - skew > now },
  { code: 50027, fails: ({ jti }) => typeof jti !== 'string' || jti === '' },
];

/**
 * Checks a client assertion against the certificates registered for the application. The same `jti` may come again:
 * MSAL sends one assertion until it expires (token-flows.md A5).
 * @throws EntraError 50027, 700027, 5002723, 5002741, 700023, 50048, 700021, 700024
 */
export async function checkClientAssertion(
  assertion: string,
  application: ConfidentialApplication,
  directory: Directory,
): Promise<void> {
  const [head = '', body = '', signature, ...rest] = assertion.split('.');
  const header = decodeJson(head);
  if (!header || !decodeJson(body) || signature === undefined || rest.length > 0) throw new EntraError(50027);
  if (!algorithms.includes(String(header['alg']))) {
    throw new EntraError(700027, { detail: `The algorithm '${header['alg']}' is not supported.` });
  }
  const { publicKey } = findCertificate(header, application.certificates);
  const claims = await verifiedClaims(assertion, publicKey);
  const context = { clientId: application.id, tokenUrl: directory.urls.token, now: directory.clock.seconds() };
  const broken = claimRules.find(({ fails }) => fails(claims, context));
  if (broken) throw new EntraError(broken.code, { detail: broken.code === 700024 ? validity(claims, context) : '' });
}

/** The three ways to name a key; all that are present must name the same certificate. */
const keyNames = {
  // A SHA-256 digest here, or the encoded hex text, is never 20 bytes that match (token-flows.md A5, pitfalls).
  x5t: (value, { thumbprints }) => sameBytes(value, thumbprints.x5t),
  'x5t#S256': (value, { thumbprints }) => sameBytes(value, thumbprints.x5tS256),
  kid: (value, { keyId, thumbprints }) =>
    value.toLowerCase() === keyId || value.toUpperCase() === thumbprints.sha1Hex || value === thumbprints.x5t,
} satisfies Record<string, (value: string, certificate: RegisteredCertificate) => boolean>;

function findCertificate(
  header: Readonly<Record<string, unknown>>,
  certificates: readonly RegisteredCertificate[],
): RegisteredCertificate {
  const named = Object.entries(keyNames).filter(([name]) => header[name] !== undefined);
  if (named.length === 0) throw new EntraError(5002723);
  const found = certificates.find((certificate) =>
    named.every(([name, names]) => typeof header[name] === 'string' && names(header[name], certificate)),
  );
  if (found) return found;
  const detail = `The key was not found. Thumbprint of key used by client: '${shown(header)}'.`;
  throw new EntraError(700027, { detail });
}

async function verifiedClaims(assertion: string, key: RegisteredCertificate['publicKey']): Promise<JWTPayload> {
  try {
    const { payload } = await compactVerify(assertion, key, { algorithms });
    return JSON.parse(Buffer.from(payload).toString('utf8')) as JWTPayload;
  } catch {
    throw new EntraError(700027, { detail: 'The key was found, but use of the key to verify the signature failed.' });
  }
}

/** Base64url and padded standard base64 are both seen live (token-flows.md A5). */
function decodeThumbprint(value: string): Buffer | undefined {
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(value) ? Buffer.from(value, 'base64') : undefined;
}

function sameBytes(value: string, registered: string): boolean {
  return decodeThumbprint(value)?.equals(Buffer.from(registered, 'base64url')) ?? false;
}

function shown(header: Readonly<Record<string, unknown>>): string {
  const thumbprint = header['x5t'] ?? header['x5t#S256'];
  if (typeof thumbprint !== 'string') return String(header['kid']);
  return (decodeThumbprint(thumbprint)?.toString('hex') ?? thumbprint).toUpperCase();
}

/** Live answers show the three times; a missing one counts as 1970. */
function validity({ nbf, exp }: JWTPayload, { now }: Context): string {
  const time = (seconds: unknown) => new Date((typeof seconds === 'number' ? seconds : 0) * 1000).toISOString();
  return `Current time: ${time(now)}, valid from: ${time(nbf)}, expiry time: ${time(exp)}.`;
}
