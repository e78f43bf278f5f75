import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '../config/environment.ts';
import { placeFile } from '../config/key-store-write.ts';
import { isObject } from './flat.ts';
import { ownFolder } from './store.ts';

/** Who the service is, and who may call it: what a service binding says. */
export interface Identity {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The zone of its tokens, and the owner of what is kept. */
  readonly subaccountId: string;
  readonly instanceId: string;
  /** Subdomain of the subaccount. */
  readonly identityZone: string;
  readonly xsappname: string;
  /** Signs the service's tokens. */
  readonly signingKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly keyId: string;
}

const members = ['clientId', 'clientSecret', 'subaccountId', 'instanceId', 'xsappname', 'keyId', 'signingKey'] as const;
type Stored = Readonly<Record<(typeof members)[number], string>>;

const generate = promisify(generateKeyPair);

/**
 * The identity kept in the working directory, made at first: the same after a restart, so that what clients hold stays
 * good. DESTINATION_SERVICE_CLIENT_ID and DESTINATION_SERVICE_CLIENT_SECRET win.
 * @throws Error when the file is damaged
 */
export async function openIdentity(workingDirectory: string, environment: Environment): Promise<Identity> {
  const file = path.join(workingDirectory, ownFolder, 'identity.json');
  let stored = await read(file);
  if (stored === undefined) {
    await placeFile(file, `${JSON.stringify(await make(), null, 2)}\n`, 0o600);
    // Secrets are no source code: not for a repository.
    await placeFile(path.join(workingDirectory, '.portunus', '.gitignore'), '*\n', 0o644);
    stored = await read(file); // Of several processes that begin together all take what the first one has made.
  }
  if (stored === undefined) throw new Error(`${file} cannot be read`);
  const signingKey = createPrivateKey(stored.signingKey);
  const { subaccountId, instanceId, xsappname, keyId } = stored;
  return Object.freeze({
    clientId: environment.get('DESTINATION_SERVICE_CLIENT_ID') ?? stored.clientId,
    clientSecret: environment.get('DESTINATION_SERVICE_CLIENT_SECRET') ?? stored.clientSecret,
    subaccountId,
    instanceId,
    identityZone: 'local',
    xsappname,
    signingKey,
    publicKey: createPublicKey(signingKey),
    keyId,
  });
}

async function read(file: string): Promise<Stored | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (isObject(parsed) && members.every((name) => typeof parsed[name] === 'string')) return parsed as Stored;
  } catch {
    // The same complaint as for JSON of another shape.
  }
  throw new Error(`${file} is damaged; restore it, or delete it and bind anew`);
}

async function make(): Promise<Stored> {
  const { privateKey } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const instanceId = randomUUID();
  const xsappname = `clone${instanceId.replaceAll('-', '')}!b1|destination-xsappname!b1`;
  return {
    clientId: `sb-${xsappname}`,
    clientSecret: randomBytes(32).toString('base64url'),
    subaccountId: randomUUID(),
    instanceId,
    xsappname,
    keyId: `portunus-${randomBytes(8).toString('hex')}`,
    signingKey: privateKey,
  };
}
