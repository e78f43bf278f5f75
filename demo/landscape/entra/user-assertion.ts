import { compactVerify, type JWTPayload } from 'jose';
import type { LandscapeUser } from '../users.ts';
import type { Application } from './application.ts';
import { type Directory, findUser } from './directory.ts';
import { type AadstsCode, EntraError } from './errors.ts';
import { decodeJson } from './graph-nonce.ts';

interface Context {
  readonly application: Application;
  readonly directory: Directory;
}

const isIdToken = ({ scp, azp, idtyp }: JWTPayload) => scp === undefined && azp === undefined && idtyp === undefined;

/** The rules of token-flows.md A7 in the order in which a defect is reported; the signature has been checked before. */
const rules: readonly {
  readonly code: AadstsCode;
  readonly fails: (claims: JWTPayload, context: Context) => boolean;
}[] = [
  { code: 50013, fails: ({ iss }, { directory }) => iss !== directory.issuer },
  { code: 500133, fails: ({ exp }, { directory }) => typeof exp !== 'number' || exp <= directory.clock.seconds() },
  { code: 500133, fails: ({ nbf = 0 }, { directory }) => nbf - 300 > directory.clock.seconds() },
  {
    code: 500131,
    fails: ({ aud }, { application }) =>
      typeof aud !== 'string' || ![application.id, application.appIdUri].includes(aud),
  },
  {
    code: 7000114,
    fails: (claims) => claims['idtyp'] === 'app' || (claims['scp'] === undefined && !isIdToken(claims)),
  },
  { code: 240002, fails: (claims, { directory }) => isIdToken(claims) && !directory.allowIdTokenAssertion },
];

/**
 * Checks the token a middle tier sends as `assertion` and tells whose it is.
 * @throws EntraError 50027, 50013, 500133, 500131, 7000114, 240002
 */
export async function readUserAssertion(
  assertion: string,
  application: Application,
  directory: Directory,
): Promise<LandscapeUser> {
  const claims = await verifiedClaims(assertion, directory);
  const broken = rules.find(({ fails }) => fails(claims, { application, directory }));
  if (broken) throw new EntraError(broken.code);
  const user = findUser(directory, claims['oid']);
  if (!user) throw new EntraError(50013, { detail: 'The user of the assertion does not exist in the tenant.' });
  return user;
}

/** Graph's own tokens fail here for their nonce, as do those of strangers: the key is the directory's, never the header's. */
async function verifiedClaims(assertion: string, directory: Directory): Promise<JWTPayload> {
  const [head = '', body = '', signature, ...rest] = assertion.split('.');
  const header = decodeJson(head);
  if (!header || !decodeJson(body) || signature === undefined || rest.length > 0) throw new EntraError(50027);
  try {
    if (header['kid'] !== directory.key.thumbprints.x5t) throw new Error('unknown key');
    const { payload } = await compactVerify(assertion, directory.key.keys.publicKey, { algorithms: ['RS256'] });
    return JSON.parse(Buffer.from(payload).toString('utf8')) as JWTPayload;
  } catch {
    throw new EntraError(50013);
  }
}
