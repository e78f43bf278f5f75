import { describe, expect, test } from 'vitest';
import { takeSapIdp } from '../../../src/routing/sap-idp.ts';

describe('sap_idp is taken out of the query, and nothing else changes (xs-app.md 3.4, 3.9)', () => {
  test.each([
    ['/x', '/x', undefined],
    ['/x?', '/x?', undefined],
    ['/x?a=1', '/x?a=1', undefined],
    ['/x?sap_idp=corporate', '/x', 'corporate'],
    ['/x?a=1&sap_idp=corporate&b=%20c', '/x?a=1&b=%20c', 'corporate'],
    ['/x?sap_idp=a%2Cb', '/x', 'a,b'],
    ['/x?sap_idp=a+b', '/x', 'a b'],
    ['/x?sap_idp=', '/x', undefined],
    ['/x?sap_idp=first&sap_idp=second', '/x', 'first'],
    ['/x?xsap_idp=1&sap_idp2=2&SAP_IDP=3', '/x?xsap_idp=1&sap_idp2=2&SAP_IDP=3', undefined],
    ['/sap_idp=1', '/sap_idp=1', undefined],
    ['/x?a=b?sap_idp=1', '/x?a=b?sap_idp=1', undefined],
    ['/x?sap_idp=%zz', '/x', '%zz'],
    ['/a%2Fb//c?;x&&sap_idp=1&y', '/a%2Fb//c?;x&&y', '1'],
  ])('%s becomes %s, wish %s', (url, rest, idp) => {
    expect(takeSapIdp(url)).toEqual({ url: rest, idp });
  });
});
