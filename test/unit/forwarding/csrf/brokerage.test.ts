import { describe, expect, test } from 'vitest';
import { type BrokerageInput, brokerageOf } from '../../../../src/forwarding/csrf/brokerage.ts';
import type { Access } from '../../../../src/routing/route.ts';

const login = (csrf: boolean): Access => ({
  kind: 'login',
  provider: 'p',
  accepts: ['p'],
  hostDecides: true,
  by: 'redirect',
  identityProvider: undefined,
  readsSapIdp: false,
  csrf,
  scopes: { kind: 'none' } as never,
});
const unprotected: BrokerageInput = {
  method: 'POST',
  headers: { cookie: 'JSESSIONID=s' },
  access: login(false),
  ownToken: 'ours',
  exempt: false,
  origin: 'https://harbour.example',
};
const guarded = { ...unprotected, access: login(true) };
const open = { ...unprotected, access: { kind: 'public' } as const };
const withHeaders = (headers: BrokerageInput['headers'], base = unprotected) => ({ ...base, headers });

describe('whether the router gets the token of the backend', () => {
  test.each<[string, BrokerageInput, ReturnType<typeof brokerageOf>]>([
    ['the router has seen its own token', guarded, 'brokered'],
    ['it has, whatever the header says', withHeaders({ 'x-csrf-token': 'fetch' }, guarded), 'brokered'],
    ['GET', { ...guarded, method: 'GET' }, 'reads only'],
    ['HEAD', { ...guarded, method: 'HEAD' }, 'reads only'],
    ['OPTIONS', { ...guarded, method: 'OPTIONS' }, 'reads only'],
    ['TRACE', { ...guarded, method: 'TRACE' }, 'reads only'],
    ['a method is written in its own letters', { ...guarded, method: 'post' }, 'reads only'],
    ['the router’s token where it is not asked for', withHeaders({ 'x-csrf-token': 'ours' }), 'brokered'],
    ['the same on a public route', withHeaders({ 'x-csrf-token': 'ours' }, open), 'brokered'],
    ['a token of somebody else', withHeaders({ 'x-csrf-token': 'theirs' }), 'token of the client'],
    [
      'no token of the router was given',
      { ...withHeaders({ 'x-csrf-token': 'ours' }), ownToken: undefined },
      'token of the client',
    ],
    ['a handshake', withHeaders({ 'x-csrf-token': 'Fetch', 'sec-fetch-site': 'same-origin' }), 'token of the client'],
    ['a program', { ...unprotected, exempt: true }, 'brokered'],
    ['a program that shakes hands', { ...withHeaders({ 'x-csrf-token': 'b' }), exempt: true }, 'token of the client'],
    ['a page of ours', withHeaders({ cookie: 'a=b', 'sec-fetch-site': 'same-origin' }), 'brokered'],
    ['a page of a sister', withHeaders({ cookie: 'a=b', 'sec-fetch-site': 'same-site' }), 'origin not proved'],
    ['a page of a stranger', withHeaders({ cookie: 'a=b', 'sec-fetch-site': 'cross-site' }), 'origin not proved'],
    ['a stranger without cookies', withHeaders({ 'sec-fetch-site': 'cross-site' }, open), 'origin not proved'],
    ['our own Origin', withHeaders({ cookie: 'a=b', origin: 'https://harbour.example' }), 'brokered'],
    ['another Origin', withHeaders({ cookie: 'a=b', origin: 'https://harbour.example.evil' }), 'origin not proved'],
    ['ours without encryption', withHeaders({ cookie: 'a=b', origin: 'http://harbour.example' }), 'origin not proved'],
    ['an Origin that is hidden', withHeaders({ origin: 'null' }, open), 'origin not proved'],
    [
      'our own Origin, and another site',
      withHeaders({ origin: 'https://harbour.example', 'sec-fetch-site': 'cross-site' }),
      'origin not proved',
    ],
    ['nobody knows', unprotected, 'origin not proved'],
    ['an Authorization that a browser may have added', withHeaders({ authorization: 'Basic x' }), 'origin not proved'],
    ['nothing that a browser would add', withHeaders({}, open), 'brokered'],
  ])('%s', (_, input, brokerage) => {
    expect(brokerageOf(input)).toBe(brokerage);
  });
});
