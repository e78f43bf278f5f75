import { expect, test } from 'vitest';
import { warnOfStarHosts } from '../../../src/accept/warn-of-star-hosts.ts';
import { Problems, tellProblem } from '../../../src/errors/config-error.ts';

function warnings(settings: Parameters<typeof warnOfStarHosts>[0], cors?: Parameters<typeof warnOfStarHosts>[1]) {
  const problems = new Problems();
  warnOfStarHosts(settings, cors, problems);
  return problems.warnings.map(tellProblem);
}

test.each(['*', '*.', 'a.*', '*.a.*', '*a.example'])('%s matches no origin, and a warning says so', (host) => {
  const told = `/host: "${host}" matches no origin; name the host, or all below a domain with *.domain`;
  const entries = [{ host: 'fine.example' }, { host }];
  const rule = { uriPattern: '^/', allowedOrigin: entries };
  expect(warnings({ wsAllowedOrigins: entries })).toEqual([`WS_ALLOWED_ORIGINS/1${told}`]);
  expect(warnings({ framingAllowlist: entries })).toEqual([`CJ_PROTECT_WHITELIST/1${told}`]);
  expect(warnings({ cors: [rule] })).toEqual([`CORS/0/allowedOrigin/1${told}`]);
  expect(warnings({}, [rule])).toEqual([`xs-app.json/cors/0/allowedOrigin/1${told}`]);
});

test('exact hosts and all below a domain are fine', () => {
  expect(warnings({ wsAllowedOrigins: [{ host: 'a.example' }, { host: '*.a.example' }] })).toEqual([]);
});
