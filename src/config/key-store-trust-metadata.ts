import { KeyStoreError } from './key-store-error.ts';
import type { KeyPair } from './key-store-pair.ts';

const formats = ['unspecified', 'emailAddress'].map((name) => `urn:oasis:names:tc:SAML:1.1:nameid-format:${name}`);

const protocol = 'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"';
const nowhere = 'Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="urn:portunus:no-login-here"';

/**
 * SAML metadata of the house as an issuer of assertions, to register at a target (destination-service.md 3.5): entity id
 * and the certificates, the active one first, in both roles, as those of the Destination service have them. A browser is never
 * sent here to log in, nor back; the schema wants addresses for that, so they lead nowhere.
 * @throws KeyStoreError not-found when there is no pair
 */
export function samlMetadata(pairs: {
  readonly active: KeyPair | undefined;
  readonly passive: KeyPair | undefined;
}): string {
  const both = [pairs.active, pairs.passive].filter((pair) => pair !== undefined);
  const [first] = both;
  if (first === undefined) throw new KeyStoreError('not-found', 'the default trust has no key pair yet');
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${escapeXml(first.commonName)}">`,
    `  <md:SPSSODescriptor ${protocol}>`,
    ...both.map(keyDescriptor),
    `    <md:AssertionConsumerService ${nowhere} index="0"/>`,
    '  </md:SPSSODescriptor>',
    `  <md:IDPSSODescriptor ${protocol}>`,
    ...both.map(keyDescriptor),
    ...formats.map((format) => `    <md:NameIDFormat>${format}</md:NameIDFormat>`),
    `    <md:SingleSignOnService ${nowhere}/>`,
    '  </md:IDPSSODescriptor>',
    '</md:EntityDescriptor>',
    '',
  ].join('\n');
}

function keyDescriptor({ certificate }: KeyPair): string {
  const encoded = certificate.raw.toString('base64');
  return `    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>${encoded}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
