import { describe, expect, test } from 'vitest';
import { fetchPlaceOf } from '../../../../src/forwarding/csrf/fetch-place.ts';

const place = (requested: string, configured?: string, queries = '') =>
  fetchPlaceOf({ configured, requested, queries });

describe('where the token is fetched', () => {
  test.each([
    ['/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner', '/sap/opu/odata/sap/API_BUSINESS_PARTNER/'],
    ["/sap/opu/odata/sap/API_X/A_Set('1')/to_Item?$top=1", '/sap/opu/odata/sap/API_X/'],
    ['/sap/opu/odata/sap/API_X', '/sap/opu/odata/sap/API_X/'],
    ['/sap/opu/odata/sap/API_X/$batch', '/sap/opu/odata/sap/API_X/'],
    ['/sap/opu/odata/IWFND/CATALOGSERVICE;v=2/Set', '/sap/opu/odata/IWFND/CATALOGSERVICE;v=2/'],
    ['/proxy/SAP/OPU/ODATA/sap/API_X/Set', '/proxy/SAP/OPU/ODATA/sap/API_X/'],
    [
      '/sap/opu/odata4/sap/api_quality/srvd_a2x/sap/quality/0001/Notice',
      '/sap/opu/odata4/sap/api_quality/srvd_a2x/sap/quality/0001/',
    ],
    ['/sap/c4c/odata/v1/c4codataapi/OpportunityCollection', '/sap/c4c/odata/v1/c4codataapi/'],
    ['/sap/byd/odata/cust/v1/khcustomer/Set', '/sap/byd/odata/cust/v1/khcustomer/'],
    ['/odata/v4/orders/$batch', '/odata/v4/orders/'],
    ['/odata/v4/orders/%24batch?x=1', '/odata/v4/orders/'],
  ])('%s: the root of the service', (requested, path) => {
    expect(place(requested)).toEqual({ path, scope: `${path} ` });
  });

  test.each(['/', '/orders', '/api/orders/7/close', '/sap/bc/adt/programs', '/sap/opu/odata4/sap/short', '/x$batch'])(
    '%s: the path itself, and a token from there is good for all such',
    (requested) => {
      expect(place(requested)).toEqual({ path: requested, scope: ' ' });
    },
  );

  test('the configured path, whatever is requested', () => {
    expect(place('/sap/opu/odata/sap/API_X/Set', '/token?a=b')).toEqual({ path: '/token?a=b', scope: '/token?a=b ' });
  });

  test('the client goes along, for its session is another one; no other query does', () => {
    expect(place('/orders?$expand=a&sap-client=200&x=y')).toEqual({
      path: '/orders?sap-client=200',
      scope: ' sap-client=200',
    });
  });

  test('the destination’s queries go along', () => {
    expect(place('/orders?x=y', undefined, 'sap-client=100&k=v').path).toBe('/orders?sap-client=100&k=v');
    expect(place('/orders', '/token?a=b', 'k=v').path).toBe('/token?a=b&k=v');
  });
});
