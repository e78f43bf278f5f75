import { headerFault } from '../header-field.ts';
import type { ServedAnswer } from '../served.ts';
import type { ServiceAnswer } from './service-answer.ts';

/** A destination as the service gives it (destination-service.md 4.3). */
export interface Found {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Where it stands, which is where its certificates stand too; undefined: not said. */
  readonly level: 'instance' | 'subaccount' | undefined;
  /** Base64 content by name. */
  readonly certificates: ReadonlyMap<string, string>;
  /** undefined: none were got, none were wanted. */
  readonly tokens: readonly ServedAnswer[] | undefined;
}

/**
 * Reads an answer, believing nothing: what is no destination is none, whatever its status.
 * @returns in words what is wrong with it, without its content
 */
export function readFound({ body }: Pick<ServiceAnswer, 'body'>): Found | string {
  if (!isObject(body)) return 'answers no JSON object';
  const { destinationConfiguration: properties, owner, certificates, authTokens } = body;
  if (!isObject(properties)) return 'answers no destinationConfiguration';
  const { InstanceId: instance } = isObject(owner) ? owner : {};
  const tokens = Array.isArray(authTokens) && authTokens.length > 0 ? authTokens.map(readToken) : undefined;
  return {
    properties,
    level: isObject(owner) ? (isText(instance) ? 'instance' : 'subaccount') : undefined,
    certificates: readCertificates(certificates),
    tokens,
  };
}

function readToken(given: unknown): ServedAnswer {
  if (!isObject(given)) return { kind: 'refused', reason: 'The service gives something that is no token.' };
  const { type, value, error, http_header: header, expires_in: expiresIn, scope } = given;
  if (isText(error)) return { kind: 'refused', reason: error };
  const { key, value: shown } = isObject(header) ? header : {};
  const seconds = isText(expiresIn) || typeof expiresIn === 'number' ? Number(expiresIn) : Number.NaN;
  const name = isText(key) ? key : 'Authorization';
  // Before there was http_header, type and value made it.
  const text = isText(shown) ? shown : isText(type) && isText(value) ? `${type} ${value}` : undefined;
  if (text === undefined) return { kind: 'refused', reason: 'The service gives a token without a value.' };
  const fault = headerFault(name, text) ?? (ours.test(name) ? 'is none that a token may come in' : undefined);
  if (fault !== undefined) return { kind: 'refused', reason: `The header for its token ${fault}.` };
  return {
    kind: 'token',
    header: { name: name.toLowerCase(), value: text },
    raw: isText(value) ? value : text.replace(/^\S+ /, ''),
    life: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined,
    scope: isText(scope) ? scope : undefined,
  };
}

/** Headers that say who we and our caller are: no destination may write them. */
const ours = /^(cookie|forwarded|x-forwarded-.*|x-approuter-.*|x-real-ip)$/i;

/** Keys are written in capitals, or not (destination-service.md 4.3). */
function readCertificates(given: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of Array.isArray(given) ? given : []) {
    const { Name, name = Name, Content, content = Content } = isObject(entry) ? entry : {};
    if (isText(name) && isText(content)) found.set(name, content);
  }
  return found;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
