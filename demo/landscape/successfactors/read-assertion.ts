import { unauthenticated } from './token-error.ts';
import { attribute, children, onlyChild, saml } from './xml-tree.ts';

/** What an assertion says; absent parts are undefined. Times are milliseconds since 1970, NaN when unreadable. */
export interface Assertion {
  readonly version: string | undefined;
  readonly issueInstant: number | undefined;
  readonly issuer: string | undefined;
  readonly nameId: { readonly value: string; readonly format: string } | undefined;
  readonly confirmations: readonly Confirmation[];
  readonly notBefore: number | undefined;
  readonly notOnOrAfter: number | undefined;
  readonly audiences: readonly string[];
  /** First value of each attribute. */
  readonly attributes: ReadonlyMap<string, string>;
}

export interface Confirmation {
  readonly method: string | undefined;
  readonly recipient: string | undefined;
  readonly notBefore: number | undefined;
  readonly notOnOrAfter: number | undefined;
}

const unspecified = 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified';

/** Reads the signed root element. @throws TokenError 401 when a part is there twice */
export function readAssertion(root: Element): Assertion {
  try {
    return read(root);
  } catch {
    throw unauthenticated('the SAML assertion is malformed');
  }
}

function read(root: Element): Assertion {
  const subject = onlyChild(root, saml, 'Subject');
  const nameId = onlyChild(subject, saml, 'NameID');
  const conditions = onlyChild(root, saml, 'Conditions');
  const restriction = onlyChild(conditions, saml, 'AudienceRestriction');
  return {
    version: attribute(root, 'Version'),
    issueInstant: time(root, 'IssueInstant'),
    issuer: onlyChild(root, saml, 'Issuer')?.textContent?.trim(),
    nameId: nameId && { value: nameId.textContent?.trim() ?? '', format: attribute(nameId, 'Format') ?? unspecified },
    confirmations: subject ? children(subject, saml, 'SubjectConfirmation').map(readConfirmation) : [],
    notBefore: time(conditions, 'NotBefore'),
    notOnOrAfter: time(conditions, 'NotOnOrAfter'),
    audiences: restriction
      ? children(restriction, saml, 'Audience').map((audience) => audience.textContent?.trim() ?? '')
      : [],
    attributes: readAttributes(root),
  };
}

function readConfirmation(confirmation: Element): Confirmation {
  const data = onlyChild(confirmation, saml, 'SubjectConfirmationData');
  return {
    method: attribute(confirmation, 'Method'),
    recipient: attribute(data, 'Recipient'),
    notBefore: time(data, 'NotBefore'),
    notOnOrAfter: time(data, 'NotOnOrAfter'),
  };
}

function readAttributes(root: Element): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const statement of children(root, saml, 'AttributeStatement')) {
    for (const element of children(statement, saml, 'Attribute')) {
      const name = attribute(element, 'Name') ?? '';
      if (attributes.has(name)) throw new Error(`attribute ${name} is repeated`);
      attributes.set(name, children(element, saml, 'AttributeValue')[0]?.textContent?.trim() ?? '');
    }
  }
  return attributes;
}

/** An xs:dateTime in UTC, as SAML Core 1.3.3 demands. */
function time(element: Element | undefined, name: string): number | undefined {
  const text = attribute(element, name);
  if (text === undefined) return undefined;
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text) ? Date.parse(text) : Number.NaN;
}
