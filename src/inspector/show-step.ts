import type { Decoded, SentField, Step, StepEnded, StepKind, StepKinds } from '../observe/event.ts';
import { compareClaims } from './compare-claims.ts';
import type { Hop, ShownFact, ShownField } from './entry.ts';
import { indentXml } from './indent-xml.ts';
import { shownPath, shownText } from './shown-value.ts';

type Claims = Readonly<Record<string, unknown>>;

/** What is known of a step when it begins, to be shown. */
export function factsOf(step: Step): readonly ShownFact[] {
  return factTable[step.kind](step.facts as never).flatMap(([name, value]) =>
    value === undefined || value === ''
      ? []
      : [{ name, value: (value.includes('://') ? shownPath : shownText)(value) }],
  );
}

type Facts = readonly (readonly [name: string, value: string | undefined])[];

const factTable: { readonly [K in StepKind]: (facts: StepKinds[K]['facts']) => Facts } = {
  session: () => [],
  credential: ({ destination, authentication }) => [
    ['Destination', destination],
    ['Authentication', authentication],
  ],
  token: ({ url, grant, clientId, clientProof }) => [
    ['Token service', url],
    ['Grant', grant],
    ['Client', clientId],
    ['Proof of the client', clientProof],
  ],
  provider: ({ provider, purpose }) => [
    ['Identity provider', provider],
    ['For', purpose],
  ],
  csrf: ({ url }) => [['Fetched at', url]],
  backend: ({ method, url, resend }) => [
    ['Request', `${method} ${url}`],
    ['Sent before', resend === 0 ? undefined : String(resend)],
  ],
};

/** @returns its heading */
export function titleOf(step: Step): string {
  switch (step.kind) {
    case 'session':
      return 'Session';
    case 'credential':
      return `Credential for ${shownText(step.facts.destination)}`;
    case 'token':
      return `Token request: ${shortGrant(step.facts.grant)}`;
    case 'provider':
      return `Identity provider: ${step.facts.purpose}`;
    case 'csrf':
      return 'CSRF token of the backend';
    case 'backend':
      return 'Backend';
  }
}

function shortGrant(grant: string): string {
  return shownText(grant.replace(/^urn:ietf:params:oauth:grant-type:/, ''));
}

/** What came of a step, in a few words. */
export function resultOf(event: { readonly [K in StepKind]: StepEnded<K> }[StepKind]): string {
  if (event.outcome.failed) return shownText(event.outcome.code);
  switch (event.of) {
    case 'session':
      return event.outcome.loggedIn ? 'logged in' : 'nobody is logged in';
    case 'credential': {
      const shown = event.outcome.shown();
      const what = shown.kind === 'none' ? 'nothing is shown' : `${shown.name}: ${shown.scheme}`.trim();
      return `${event.outcome.source === 'at-hand' ? 'at hand' : 'obtained'}, ${what}`;
    }
    case 'token':
      return ['token', event.outcome.scope]
        .filter(Boolean)
        .map((text) => shownText(String(text)))
        .join(', scope ');
    case 'provider':
      return 'tokens';
    case 'csrf':
      return [csrfResults[event.outcome.source], ...event.outcome.asked].join(', ');
    case 'backend':
      return String(event.outcome.status);
  }
}

const csrfResults = { 'at-hand': 'at hand', fetched: 'fetched', none: 'the backend gives none' } as const;

/** A form that was sent. */
export function fieldsOf(sent: readonly SentField[] | undefined): readonly ShownField[] {
  return (sent ?? []).map((field) =>
    field.kind === 'plain'
      ? { name: shownText(field.name), value: shownText(field.value), claims: [], xml: null }
      : { name: shownText(field.name), ...shownDecoded(field.value) },
  );
}

function shownDecoded(decoded: Decoded): Omit<ShownField, 'name'> {
  switch (decoded.kind) {
    case 'jwt':
      return { value: 'a JWT', claims: compareClaims(undefined, { ...decoded.header, ...decoded.claims }), xml: null };
    case 'saml':
      return { value: 'a SAML assertion', claims: [], xml: indentXml(decoded.xml) };
    case 'opaque':
      return { value: '[not shown]', claims: [], xml: null };
  }
}

/**
 * From the user's token to the one that was got with it.
 * @param before claims of the user's token; undefined: nobody's
 * @param after undefined: none came
 */
export function hopOf(before: Claims | undefined, after: Decoded | undefined): Hop | null {
  const claims = after?.kind === 'jwt' ? after.claims : undefined;
  if (before === undefined && claims === undefined) return null;
  return {
    before: before === undefined ? null : 'The user’s token',
    after: after === undefined ? 'No token came' : afterNames[after.kind],
    rows: compareClaims(before, claims),
  };
}

const afterNames: { readonly [K in Decoded['kind']]: string } = {
  jwt: 'The token got for it',
  saml: 'The assertion made of it',
  opaque: 'The token got for it: only its service can read it',
};
