import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { atEnd } from '../../support/at-end.ts';
import { type ConnectProxy, startConnectProxy } from '../../unit/tokens/support/connect-proxy.ts';
import { opcodes } from '../support/frames.ts';
import { openRouter, type Router } from '../support/open-router.ts';
import { openTlsFront } from '../support/open-tls-front.ts';
import { openWebSocketBackend, type WebSocketBackend } from '../support/open-web-socket-backend.ts';
import { upgrade } from '../support/upgrade.ts';

/** Only the proxy knows where these hosts are. */
let backend: WebSocketBackend;
let proxy: ConnectProxy;
let router: Router;
beforeAll(async () => {
  backend = await openWebSocketBackend();
  const port = Number(new URL(backend.origin).port);
  const front = await openTlsFront('chat.example', port);
  const authorization = `Basic ${Buffer.from('user:pa ss').toString('base64')}`;
  const hosts = { 'chat.example': front.port, 'plain.example': port };
  proxy = await startConnectProxy({ hosts, authorization });
  atEnd(() => proxy.close());
  const withUser = proxy.url.replace('://', '://user:pa%20ss@');
  const names = ['chat', 'plain', 'nowhere', 'untrusted', 'own'];
  router = await openRouter({
    xsApp: {
      authenticationMethod: 'none',
      websockets: { enabled: true },
      routes: names.map((destination) => ({ source: `^/${destination}/`, target: '/', destination })),
    },
    env: {
      HTTPS_PROXY: withUser,
      HTTP_PROXY: withUser,
      destinations: [
        { name: 'chat', url: 'https://chat.example', strictSSL: true, TrustStoreLocation: 'front.pem' },
        { name: 'untrusted', url: 'https://chat.example' },
        { name: 'plain', url: 'http://plain.example' },
        { name: 'nowhere', url: 'https://nowhere.example' },
        { name: 'own', url: 'http://plain.example', proxyHost: '127.0.0.1', proxyPort: proxy.port },
      ],
    },
    files: { 'keystores/front.pem': (await import('node:fs')).readFileSync(front.certificateFile, 'utf8') },
  });
});
beforeEach(() => backend.forget());

describe('a WebSocket to a backend behind a proxy', () => {
  test.each([
    ['chat', 'chat.example:443'],
    ['plain', 'plain.example:80'],
  ])('%s goes through a tunnel, and the proxy user stays with the proxy', async (name, authority) => {
    const { tunnel, head } = await upgrade(router.origin, `/${name}/room`);
    expect(tunnel, head).toBeDefined();
    tunnel?.send({ opcode: opcodes.text, payload: Buffer.from('Ahoy') });
    expect((await tunnel?.next())?.payload.toString()).toBe('Ahoy');
    expect(proxy.tunnels.at(-1)?.authority).toBe(authority);
    expect(backend.upgrades[0]?.headers).not.toHaveProperty('proxy-authorization');
    expect(backend.upgrades[0]?.headers.host).toBe(authority.split(':')[0]);
  });

  test.each([
    ['nowhere', 'which the proxy does not find'],
    ['untrusted', 'whose certificate is not trusted'],
    ['own', "behind a proxy of the destination's own, which wants a user"],
  ])('%s, %s: 502, and nothing reaches the backend', async (name) => {
    expect((await upgrade(router.origin, `/${name}/room`)).status).toBe(502);
    expect(backend.upgrades).toHaveLength(0);
  });
});
