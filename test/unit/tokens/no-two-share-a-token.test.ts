import { createHash } from 'node:crypto';
import { setImmediate as tick } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { User } from '../../../src/authorization/principal.ts';
import type { Destination } from '../../../src/destinations/destination.ts';
import { buildTokenRequest } from '../../../src/tokens/build-token-request.ts';
import { type FlowInput, noInput } from '../../../src/tokens/flow-input.ts';
import { createTokens, type Tokens } from '../../../src/tokens/obtain-credential.ts';
import type { RequestToken } from '../../../src/tokens/request-token.ts';
import { parse } from './support/destination-of.ts';
import { userWith } from './support/principal-of.ts';

/**
 * T-40 as a property: 500 requests at once with ten sets of parameters, each of which differs from another in one thing,
 * of values that are easily taken for one another: each gets the token that its own parameters get alone, and no two that
 * differ share one.
 */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const word = fc.constantFrom('a', 'b', 'ab', 'a b', 'a ', 'A', 'a#b', 'ä');
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const destination = fc.record({
  Authentication: fc.constantFrom(
    'OAuth2ClientCredentials',
    'OAuth2JWTBearer',
    'OAuth2TokenExchange',
    'OAuth2UserTokenExchange',
  ),
  clientId: word,
  clientSecret: word,
  scope: optional(word),
  host: fc.constantFrom('{tenant}.login.example', 'login.example'),
  'tokenService.body.a': optional(word),
  'tokenService.body.ab': optional(word),
  'tokenServiceURL.headers.x-zid': optional(fc.constantFrom('a', 'b')),
  'tokenServiceURL.queries.q': optional(word),
  'tokenService.addClientCredentialsInBody': fc.constantFrom('true', 'false'),
  'clientAssertion.destinationName': optional(fc.constantFrom('giver-a', 'giver-b')),
  'userToken.destinationName': optional(fc.constantFrom('first-a', 'first-b')),
});
const input = fc.record(
  {
    tenant: optional(fc.constantFrom('acme', 'beta')),
    subjectToken: optional(fc.record({ token: fc.constantFrom('a', 'ab'), type: fc.constantFrom('b', 'bb') })),
    clientAssertion: optional(fc.record({ token: fc.constantFrom('a', 'ab'), type: fc.constantFrom('b', 'bb') })),
  },
  { requiredKeys: [] },
);
const user = fc
  .record({ token: fc.constantFrom('t', 'tt', 't t'), zdn: fc.constantFrom('acme', 'beta') })
  .map(({ token, zdn }) => userWith(`${token} of ${zdn}`, { ext_attr: { zdn } }));
const set = fc.record({ properties: destination, input: optional(input), user });
/** One set, and nine that differ from it in one thing, or in nothing. */
const tenSets = fc
  .tuple(set, fc.array(fc.tuple(set, fc.nat(), fc.nat()), { minLength: 9, maxLength: 9 }))
  .map(([base, others]) => [
    base,
    ...others.map(([other, part, which]): Drawn => {
      if (part % 3 === 0) return { ...base, user: other.user };
      if (part % 3 === 1) return { ...base, input: other.input };
      const names = Object.keys(base.properties) as (keyof Drawn['properties'])[];
      const name = names[which % names.length] ?? 'scope';
      return { ...base, properties: { ...base.properties, [name]: other.properties[name] } };
    }),
  ]);

type Drawn = typeof set extends fc.Arbitrary<infer T> ? T : never;
type ParameterSet = { readonly destination: Destination; readonly input: FlowInput; readonly user: User };

async function read(raw: Record<string, unknown>): Promise<Destination> {
  const { destination: parsed, problems } = await parse({ URL: 'https://target.example', ...raw });
  if (parsed === undefined) throw new Error(problems.join('\n'));
  return parsed;
}

const oauth = { clientId: 'p', clientSecret: 's', tokenServiceURL: 'https://giver.example/token' };
const others = Promise.all([
  ...['a', 'b'].map((name) =>
    read({
      Name: `giver-${name}`,
      Authentication: 'OAuth2ClientCredentials',
      ...oauth,
      scope: name,
      'clientAssertion.type': assertionType,
    }),
  ),
  ...['a', 'b'].map((name) =>
    read({ Name: `first-${name}`, Authentication: 'OAuth2JWTBearer', ...oauth, scope: name }),
  ),
]);

async function prepare({ properties, input: brought, user: someone }: Drawn): Promise<ParameterSet> {
  const { host, ...rest } = properties;
  const common = host.includes('{') ? 'Common' : 'Dedicated';
  const actsForUser = rest.Authentication !== 'OAuth2ClientCredentials';
  const raw = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (!actsForUser) delete raw['userToken.destinationName'];
  const parsed = await read({
    Name: 'target',
    ...raw,
    tokenServiceURL: `https://${host}/token`,
    tokenServiceURLType: common,
    'tokenServiceURL.tenant': common === 'Common' ? 'home' : undefined,
  });
  const { tenant, ...kept } = brought ?? {};
  const given = Object.fromEntries(
    Object.entries(common === 'Common' && !actsForUser ? { ...kept, tenant } : kept).filter(
      ([, value]) => value !== undefined,
    ),
  ) as FlowInput;
  return { destination: parsed, input: Object.keys(given).length === 0 ? noInput : given, user: someone };
}

/** A token that is a digest of all that went over the wire for it. */
const naming: RequestToken = async (inquiry) => {
  for (let ticks = Math.floor(Math.random() * 4); ticks > 0; ticks -= 1) await tick();
  const { tokenService, fields, clientAssertion, bearer, claims } = inquiry;
  const { headers, body } = buildTokenRequest(tokenService, fields, { clientAssertion, bearer, claims });
  const sent = JSON.stringify([tokenService.url.href, Object.entries(headers).sort(), body]);
  return { token: createHash('sha256').update(sent).digest('base64url'), expiresAt: Date.now() + 3_600_000 };
};

async function newTokens(): Promise<Tokens> {
  const known = await others;
  return createTokens({ requestToken: naming, find: (name) => known.find((other) => other.name === name) });
}

async function get(
  tokens: Tokens,
  { destination: target, user: someone, input: brought }: ParameterSet,
): Promise<string> {
  const { credential } = await tokens.issue(target, someone, { input: brought });
  return credential.kind === 'header' ? credential.value : '';
}

test('two requests that differ in anything never share a token', async () => {
  await fc.assert(
    fc.asyncProperty(tenSets, async (drawn) => {
      const sets = await Promise.all(drawn.map(prepare));
      const alone = await Promise.all(sets.map(async (one) => get(await newTokens(), one)));
      const together = await newTokens();
      const asked = Array.from({ length: 500 }, (_, n) => n % sets.length);
      const got = await Promise.all(
        asked.map(async (n) => {
          for (let ticks = Math.floor(Math.random() * 3); ticks > 0; ticks -= 1) await tick();
          return get(together, sets[n] as ParameterSet);
        }),
      );
      expect(got).toEqual(asked.map((n) => alone[n]));
    }),
    { numRuns: 40 },
  );
}, 60_000);
