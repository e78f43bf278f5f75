import type { Decoded, SentField, ShownCredential } from '../observe/event.ts';
import { jwtPart } from '../session/jwt-part.ts';
import type { Credential } from './credential.ts';

/** What a token or assertion says: claims, or XML without the value of its signature. Anything else stays opaque. */
export function lookInto(token: string): Decoded {
  const claims = jwtPart(token, 'claims');
  const header = jwtPart(token, 'header');
  if (claims !== undefined && header !== undefined) return { kind: 'jwt', header, claims };
  const xml = Buffer.from(token, 'base64').toString('utf8'); // reads base64url, too
  return assertion.test(xml) ? { kind: 'saml', xml: xml.replace(proofs, '$1[…]') } : { kind: 'opaque' };
}

/** A response around the assertion, or the assertion alone; whatever the prefix. */
const assertion = /^\s*(?:<\?xml[^>]*>\s*)?<(?:[\w.-]+:)?(?:Assertion|Response)[\s>][\s\S]*>\s*$/;
/** Up to the element's end, whatever is in it; what is encrypted is as good as a token to who can open it. */
const proofs =
  /(<(?:[\w.-]+:)?(?:SignatureValue|CipherValue)\b[^>]*>)[\s\S]*?(?=<\/(?:[\w.-]+:)?(?:SignatureValue|CipherValue)\s*>|$)/g;

/** What the upstream is shown, without what proves it. */
export function lookAtCredential(credential: Credential): ShownCredential {
  if (credential.kind === 'none') return credential;
  const { name, value } = credential;
  const blank = value.indexOf(' ');
  const scheme = blank < 0 ? '' : value.slice(0, blank);
  return { kind: 'header', name, scheme, value: lookInto(value.slice(blank + 1)) };
}

/**
 * The form of a token request as it may be looked at.
 * @param isPlain fields that say nothing secret; of all others only what can be decoded is shown
 */
export function lookAtForm(body: string, isPlain: (name: string) => boolean): readonly SentField[] {
  return [...new URLSearchParams(body)].map(([name, value]) =>
    isPlain(name) ? { name, kind: 'plain', value } : { name, kind: 'decoded', value: lookInto(value) },
  );
}
