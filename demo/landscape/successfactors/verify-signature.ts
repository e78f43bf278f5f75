import { SignedXml } from 'xml-crypto';
import { signatureNotVerified } from './token-error.ts';
import { attribute, children, dsig, elements, parseXml, saml } from './xml-tree.ts';

const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const allowed = {
  CanonicalizationMethod: [exclusive],
  SignatureMethod: [
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512',
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
  ],
  DigestMethod: ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512'],
} as const;
const transforms = [`${dsig}enveloped-signature`, exclusive];

/**
 * Verifies an assertion and gives the root element as it was signed: whatever is read later is read from there, so that
 * a signature wrapped around something else is worth nothing. The key is the registered certificate, never KeyInfo.
 * SHA-1, which the live service still takes, is refused.
 * @throws TokenError 401 (H57)
 */
export function verifySignature(xml: string, certificate: string): Element {
  try {
    const root = parseXml(xml);
    const id = attribute(root, 'ID');
    if (root.localName !== 'Assertion' || root.namespaceURI !== saml || !id) throw new Error('not an assertion');
    const signature = onlySignature(root);
    checkShape(signature, id);
    const verifier = new SignedXml({ publicCert: certificate, getCertFromKeyInfo: () => null });
    verifier.loadSignature(signature);
    if (!verifier.checkSignature(xml)) throw new Error('the digest differs');
    const [signed, ...others] = verifier.getSignedReferences();
    if (signed === undefined || others.length > 0) throw new Error('one signed reference is expected');
    return parseXml(signed);
  } catch {
    throw signatureNotVerified();
  }
}

/** Exactly one signature in the whole document, and it is a child of the root. */
function onlySignature(root: Element): Element {
  const all = Array.from(root.getElementsByTagNameNS('*', 'Signature'));
  const [signature] = children(root, dsig, 'Signature');
  if (all.length !== 1 || !signature) throw new Error('one enveloped signature is expected');
  return signature;
}

/** The signature has nothing but the parts we know, in their order, with algorithms we allow, and refers to the root. */
function checkShape(signature: Element, id: string): void {
  const [signedInfo] = expectNames(signature, ['SignedInfo', 'SignatureValue'], ['KeyInfo']);
  const [canonicalization, method, reference] = expectNames(signedInfo, [
    'CanonicalizationMethod',
    'SignatureMethod',
    'Reference',
  ]);
  const [list, digest] = expectNames(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  expectAlgorithm(canonicalization, allowed.CanonicalizationMethod);
  expectAlgorithm(method, allowed.SignatureMethod);
  expectAlgorithm(digest, allowed.DigestMethod);
  const used = expectNames(list, ['Transform', 'Transform']).map((transform) => attribute(transform, 'Algorithm'));
  if (used.join(' ') !== transforms.join(' ')) throw new Error('unexpected transforms');
  if (attribute(reference, 'URI') !== `#${id}`) throw new Error('the reference does not cover the assertion');
}

function expectNames(
  parent: Element | undefined,
  names: readonly string[],
  optional: readonly string[] = [],
): Element[] {
  const found = parent ? elements(parent) : [];
  const expected = found.length > names.length ? [...names, ...optional] : names;
  const fits = found.length === expected.length && found.every((child, index) => isDsig(child, expected[index]));
  if (!fits) throw new Error('the signature has an unexpected shape');
  return found;
}

function isDsig(element: Element, name: string | undefined): boolean {
  return element.localName === name && element.namespaceURI === dsig;
}

function expectAlgorithm(element: Element | undefined, algorithms: readonly string[]): void {
  if (!algorithms.includes(attribute(element, 'Algorithm') ?? '')) throw new Error('the algorithm is not allowed');
}
