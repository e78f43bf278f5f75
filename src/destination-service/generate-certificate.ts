import { createPrivateKey, generateKeyPair, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { makeCertificate, makePkcs12 } from '../config/key-store-forge.ts';
import { houseName } from '../config/subject-name.ts';
import { isCertificateName } from './check-content.ts';
import { isObject } from './flat.ts';
import { refusal } from './refusal.ts';

/** A certificate made here, and what it was made of. */
export interface GeneratedCertificate {
  readonly name: string;
  /** Of the file, base64. */
  readonly content: string;
  /** PEM. */
  readonly chain: string;
  readonly attributes: Attributes;
  /** Milliseconds since the epoch; undefined: not by itself. */
  readonly renewAt: number | undefined;
}

/** `Attributes` as sent (destination-service.md section 5). May hold a password. */
export type Attributes = Readonly<Record<string, unknown>>;

const day = 86_400_000;
/** Milliseconds of a unit, and how many there may be: a day to a year (section 5). */
const units = {
  DAYS: { span: day, most: 366 },
  MONTHS: { span: 30.4 * day, most: 12 },
  YEARS: { span: 365 * day, most: 1 },
} as const;
const longestPassword = 512;

const generate = promisify(generateKeyPair);

/** Whether a certificate is to be made and not merely kept. */
export function isToBeGenerated(content: unknown): content is Readonly<Record<string, unknown>> {
  return isObject(content) && content['Content'] === undefined && isObject(content['Attributes']);
}

/** @param now milliseconds since the epoch @throws AppError 400 */
export async function generateCertificate(
  name: string,
  attributes: Attributes,
  now: number,
): Promise<GeneratedCertificate> {
  if (!isCertificateName(name) || !/\.(?:p12|pfx|pem)$/i.test(name))
    throw refusal(400, 'The Name of a generated certificate must be a file name that ends in .p12, .pfx or .pem');
  const { CN: commonName, Password: password, CSR: request } = attributes;
  if (request !== undefined)
    throw refusal(400, 'A CSR is not supported: there is no authority here that would sign it');
  if (typeof commonName !== 'string' || !/^[^\p{Cc}]{1,64}$/u.test(commonName))
    throw refusal(400, 'Attributes.CN must be a text of at most 64 characters');
  const isStore = !/\.pem$/i.test(name);
  if (isStore && (typeof password !== 'string' || password === '' || password.length > longestPassword))
    throw refusal(400, 'Attributes.Password is missing: .p12 and .pfx need one');
  const span = validityOf(attributes['Validity']);
  const { privateKey: key } = await generate('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const chain = await makeCertificate({
    privateKey: createPrivateKey(key),
    subject: houseName(commonName),
    notBefore: new Date(now - 300_000),
    notAfter: new Date(now + span),
  });
  const file = isStore ? await makePkcs12(key, [chain], String(password)) : Buffer.from(key + chain);
  const renewed = String(attributes['AutomaticRenew']).toLowerCase() === 'true';
  return {
    name,
    content: file.toString('base64'),
    chain,
    attributes,
    renewAt: renewed ? now + span - leadTime(span) : undefined,
  };
}

function validityOf(validity: unknown): number {
  const { TimeUnit: unit, Value: value } = isObject(validity) ? validity : { TimeUnit: 'YEARS', Value: 1 };
  const known = typeof unit === 'string' && Object.hasOwn(units, unit) ? units[unit as keyof typeof units] : undefined;
  const count = Number(value);
  if (known === undefined || !Number.isInteger(count) || count < 1 || count > known.most)
    throw refusal(400, 'Attributes.Validity must be 1 to 366 DAYS, 1 to 12 MONTHS or 1 of YEARS');
  return count * known.span;
}

/** How long before its end a certificate is made anew (section 5), by its life. */
function leadTime(span: number): number {
  const days = span / day;
  if (days < 1.5) return day / 2;
  if (days < 15) return day;
  if (days < 32) return 3 * day;
  return days < 155 ? 7 * day : 30 * day;
}

/** An element of `publicKeys` (section 5). @param chain PEM */
export function publicKey(alias: string, chain: readonly string[]) {
  const [leaf] = chain;
  return {
    Alias: alias,
    Content: Buffer.from(chain.join('')).toString('base64'),
    SubjectDN: leaf === undefined ? '' : new X509Certificate(leaf).subject.split('\n').reverse().join(', '),
  };
}
