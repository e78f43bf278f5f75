import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const dsig = 'http://www.w3.org/2000/09/xmldsig#';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** Signs an assertion with xmlsec1, an implementation that shares no line with ours. */
export function signWithXmlsec(xml: string, privatePem: string): string {
  const [, id = ''] = / ID="([^"]+)"/.exec(xml) ?? [];
  const directory = mkdtempSync(path.join(tmpdir(), 'xmlsec-'));
  try {
    const key = path.join(directory, 'key.pem');
    const document = path.join(directory, 'assertion.xml');
    writeFileSync(key, privatePem, { mode: 0o600 });
    writeFileSync(document, xml.replace('</saml2:Issuer>', `</saml2:Issuer>${template(id)}`));
    const root = 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion';
    return execFileSync('xmlsec1', ['--sign', '--privkey-pem', key, '--id-attr:ID', root, document], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function template(id: string): string {
  return (
    `<ds:Signature xmlns:ds="${dsig}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="${exclusive}"/>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>' +
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${dsig}enveloped-signature"/>` +
    `<ds:Transform Algorithm="${exclusive}"/></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>' +
    '</ds:SignedInfo><ds:SignatureValue/></ds:Signature>'
  );
}
