import { createHash } from 'node:crypto';
import type { ConfiguredAuthentication, Destination } from './destination.ts';
import type { DestinationContext } from './destination-context.ts';
import { openProperties, type Properties } from './properties.ts';
import { readLoginBinding } from './read-login-binding.ts';
import { readTarget } from './read-target.ts';
import { type DestinationTls, readTls } from './read-tls.ts';
import type { Served } from './served.ts';
import { explainUnsupported } from './unsupported-authentication.ts';
import { reportUnsupported } from './unsupported-property.ts';
import { variants } from './variants.ts';

/**
 * Parses one flat destination, in the Destination service's format, the approuter's, or a mixture (design section 3).
 * Everything that is wrong goes to `context.problems`, with the cure.
 * @param raw property values may be text, numbers or booleans; `${env:NAME}` in text is replaced
 * @returns the frozen destination, or undefined when anything was wrong
 */
export async function parseDestination(
  raw: Readonly<Record<string, unknown>>,
  context: DestinationContext,
): Promise<Destination | undefined> {
  const p = openProperties(raw, context);
  const { target, tls } = await readCommon(p, context);
  reportUnsupported(p);
  const authentication = readAuthentication(p);
  const read = authentication && (await variants[authentication](p, context, tls, target));
  const { exchange, certificate } = await readLoginBinding(p, context, target.url);
  if (exchange !== undefined && authentication !== 'NoAuthentication')
    p.problem('HTML5.IASDependencyName', 'goes with NoAuthentication only: there is one Authorization header');
  if (certificate !== undefined && read !== undefined && 'tls' in read)
    p.problem(
      'HTML5.ForwardAuthCertificates',
      'does not go with ClientCertificateAuthentication: one certificate is shown',
    );
  const fields = exchange ?? read;
  if (authentication !== 'NoAuthentication') refuseForwarding(p);
  if (fields !== undefined && !('userToken' in fields) && p.text('userToken.destinationName') !== undefined) {
    p.problem(
      'userToken.destinationName',
      "goes with types that send the user's token or a SAML assertion about the user",
    );
  }
  p.warnOfMisspellings();
  const shown = certificate && { tls: { ...tls.target, clientCertificate: certificate } };
  return (
    fields &&
    finish(p, tls, { authentication: exchange ? 'OAuth2JWTBearer' : authentication, ...target, ...shown, ...fields })
  );
}

/**
 * Parses a destination of the Destination service whose tokens the service gets: the target's properties are looked at,
 * those of the token service are not ours.
 */
export async function parseServed(
  raw: Readonly<Record<string, unknown>>,
  context: DestinationContext,
  served: Served,
): Promise<Destination | undefined> {
  const p = openProperties(raw, context);
  const { target, tls } = await readCommon(p, context);
  reportUnsupported(p, 'target');
  const { exchange, certificate } = await readLoginBinding(p, context, target.url);
  if (exchange !== undefined)
    p.problem('HTML5.IASDependencyName', 'goes with NoAuthentication only: there is one Authorization header');
  refuseForwarding(p);
  const isAssertion = served.type === 'SAMLAssertion';
  const headers = isAssertion ? { 'x-sap-security-session': 'create', ...target.headers } : target.headers;
  const authentication = isAssertion ? 'ServedAssertion' : 'ServedToken';
  const shown = certificate && { tls: { ...tls.target, clientCertificate: certificate } };
  return finish(p, tls, { authentication, ...target, ...shown, headers, ...served });
}

async function readCommon(p: Properties, context: DestinationContext) {
  const target = readTarget(p, context);
  const tls = await readTls(p, context);
  refuseOtherKinds(p);
  return { target, tls };
}

/** Of the login's token and the destination's the owner wants one, and does not say which (xs-app.md 5.2). */
function refuseForwarding(p: Properties): void {
  if (p.flag('HTML5.ForwardAuthToken', false))
    p.problem('HTML5.ForwardAuthToken', 'goes with NoAuthentication only: there is one Authorization header');
}

function finish(p: Properties, tls: DestinationTls, members: object): Destination | undefined {
  if (p.failed) return undefined;
  const fingerprint = createHash('sha256').update(p.canonical()).digest('base64url');
  const shown = { ...tls.target, clientCertificate: undefined };
  return freeze({ tls: shown, fingerprint, ...members }) as Destination;
}

function readAuthentication(p: Properties): ConfiguredAuthentication | undefined {
  // Absent: what the SDK does (section 2.1).
  const implied = p.text('User') && p.text('Password') ? 'BasicAuthentication' : 'NoAuthentication';
  const authentication = p.text('Authentication')?.trim() ?? implied;
  if (isSupported(authentication)) return authentication;
  p.problem('Authentication', explainUnsupported(authentication, Object.keys(variants)));
  return undefined;
}

function isSupported(authentication: string): authentication is ConfiguredAuthentication {
  return Object.hasOwn(variants, authentication);
}

function refuseOtherKinds(p: Properties): void {
  const type = p.text('Type')?.trim() ?? 'HTTP';
  if (type.toUpperCase() !== 'HTTP')
    p.problem('Type', `only destinations of type HTTP can be forwarded to, not ${type}`);
  if (p.oneOf('ProxyType', ['Internet', 'OnPremise', 'PrivateLink']) === 'OnPremise') {
    p.problem('ProxyType', 'OnPremise needs a Cloud Connector, which is not supported yet; use Internet');
  }
}

/** Freezes plain objects and arrays, all the way down; URLs, keys and certificates stay as they are. */
function freeze<T>(value: T): T {
  const prototype = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : undefined;
  const plain = Array.isArray(value) || prototype === null || prototype === Object.prototype;
  if (!plain || value === null || value === undefined || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member);
  return Object.freeze(value);
}
