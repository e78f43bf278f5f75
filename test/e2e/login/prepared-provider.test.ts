import { createServer } from 'node:http';
import { describe, expect, test, vi } from 'vitest';
import { listen } from '../../../demo/landscape/http/listen.ts';
import { atEnd } from '../../support/at-end.ts';
import { ask } from '../support/ask.ts';
import { openHarbour } from '../support/harbour.ts';
import { openLandscape } from '../support/open-landscape.ts';

/** Before anybody logs in, the provider has been asked who it is (wants 6), and nobody waits long for one that is away. */
describe('readiness', () => {
  test('waits for the metadata, and the first login does not ask for it again', async () => {
    const landscape = await openLandscape();
    const { router } = await openHarbour({ landscape });
    const discoveries = () => landscape.calls.entra.filter(({ path }) => path.endsWith('/openid-configuration')).length;
    expect((await ask(router.origin, '/-/health/ready')).status).toBe(200);
    expect(discoveries()).toBe(1);
    expect((await ask(router.origin, '/quay/', { headers: { accept: 'text/html' } })).status).toBe(302);
    expect(discoveries()).toBe(1);
  });

  test('does not depend on a provider that hangs: not ready for a while, then ready; and public routes are served', async () => {
    const hanging = createServer(() => {});
    const port = await listen(hanging);
    atEnd(() => {
      hanging.closeAllConnections();
      hanging.close();
    });
    const landscape = await openLandscape();
    const { router } = await openHarbour({ landscape, env: { OIDC_ISSUER: `http://localhost:${port}` } });
    const first = await ask(router.origin, '/-/health/ready');
    expect([first.status, JSON.parse(first.text)]).toEqual([503, { status: 'asking the identity provider' }]);
    expect((await ask(router.origin, '/public/')).status).toBe(200);
    expect((await ask(router.origin, '/-/health/live')).status).toBe(200);
    await vi.waitFor(async () => expect((await ask(router.origin, '/-/health/ready')).status).toBe(200), {
      timeout: 8_000,
      interval: 100,
    });
  });
});
