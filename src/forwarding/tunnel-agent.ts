import { type Agent, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ForwardProxy } from '../config/forward-proxy.ts';
import type { TlsOptions } from '../destinations/tls-options.ts';

/** Milliseconds a proxy may take to make a tunnel. */
const timeout = 10_000;

/**
 * An agent of node:http(s) whose connections to `url` are tunnels through a proxy (CONNECT, RFC 9110 9.3.6): the only
 * way an upgrade gets through one (RFC 6455 4.1), encrypted or not.
 * @param tls of the connection to the target; not looked at when that is not encrypted
 */
export function tunnelAgent(url: URL, proxy: ForwardProxy, tls: TlsOptions): Agent {
  const secure = url.protocol === 'https:';
  const authority = `${url.hostname}:${url.port || (secure ? 443 : 80)}`;
  const agent = secure ? new HttpsAgent() : new HttpAgent();
  agent.createConnection = (_, done) => {
    const headers = proxy.authorization === undefined ? {} : { 'proxy-authorization': proxy.authorization };
    const { host, port } = proxy;
    const ask = (proxy.secure ? httpsRequest : httpRequest)({
      host: host.replace(/^\[|\]$/g, ''),
      port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...headers },
      agent: false,
      timeout,
    });
    const fail = (error: Error) => done?.(error, undefined as never);
    ask.once('timeout', () =>
      ask.destroy(Object.assign(new Error('the proxy does not answer'), { code: 'ETIMEDOUT' })),
    );
    ask.once('error', fail);
    // Any answer to CONNECT comes here, a refusal too.
    ask.once('connect', ({ statusCode = 0 }, socket) => {
      ask.off('error', fail);
      if (statusCode < 200 || statusCode > 299) {
        socket.destroy();
        return fail(
          Object.assign(new Error(`the proxy refuses the tunnel with ${statusCode}`), { code: `PROXY_${statusCode}` }),
        );
      }
      socket.setTimeout(0);
      if (!secure) return done?.(null, socket);
      const { hostname } = url;
      const secured = connectTls({ socket, ...(isIP(hostname) ? {} : { servername: hostname }), ...tls });
      secured.once('error', fail);
      secured.once('secureConnect', () => {
        secured.off('error', fail);
        done?.(null, secured);
      });
    });
    ask.end();
    return undefined;
  };
  return agent;
}
