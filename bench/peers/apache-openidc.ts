import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Agent } from 'undici';
import { isExecutable } from '../machine/find-program.ts';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/start-pinned.ts';
import { documents } from '../world/documents.ts';
import { logIn } from '../world/log-in.ts';
import type { World } from '../world/world.ts';
import type { Peer } from './peer.ts';

/** Where Apache is unpacked when it is not installed (`dpkg -x`); its libraries by LD_LIBRARY_PATH then. */
const root = process.env['BENCH_APACHE_ROOT'] ?? '/';
const server = ['usr/sbin/apache2', 'usr/sbin/httpd'].map((file) => path.join(root, file)).find(isExecutable);
const modules = ['usr/lib/apache2/modules', 'usr/lib64/httpd/modules']
  .map((folder) => path.join(root, folder))
  .find((folder) => existsSync(path.join(folder, 'mod_auth_openidc.so')));

/** The nearest relative in C: a login by OpenID Connect and sessions in memory, but no tokens for backends. */
export const apacheOpenidc: Peer = {
  name: 'Apache mod_auth_openidc',
  does: 'session',
  missing: () =>
    server === undefined || modules === undefined ? 'Apache with mod_auth_openidc is not installed' : undefined,
  async start(world) {
    const port = await freePort();
    const home = world.makeDirectory('apache');
    const file = path.join(home, 'apache.conf');
    writeFileSync(file, configuration(home, port, world));
    const started = await startPinned({
      command: [server ?? '', '-X', '-f', file],
      core: world.tools.cores.router,
      port,
    });
    world.atEnd(started.stop);
    const origin = `http://127.0.0.1:${port}`;
    const agent = new Agent();
    const cookie = await logIn(origin + documents.small.path, agent).finally(() => agent.close());
    return { ...started, name: apacheOpenidc.name, origin, cookies: [cookie], credential: 'none' };
  },
};

function configuration(home: string, port: number, { backend, tokenService }: World): string {
  const names = 'mpm_event authn_core authz_core authz_user proxy proxy_http auth_openidc'.split(' ');
  return `ServerRoot ${home}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${home}/apache.pid
ErrorLog ${home}/error.log
LogLevel error
DefaultRuntimeDir ${home}
${names.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User nobody\nGroup nogroup' : ''}
ServerLimit 1
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAlive On
KeepAliveTimeout 3600
MaxKeepAliveRequests 0
OIDCProviderMetadataURL ${tokenService.issuer}/.well-known/openid-configuration
OIDCClientID ${tokenService.client.id}
OIDCClientSecret ${tokenService.client.secret}
OIDCRedirectURI http://127.0.0.1:${port}/oidc/callback
OIDCCryptoPassphrase ${'p'.repeat(32)}
OIDCResponseType code
OIDCPKCEMethod S256
OIDCSessionType server-cache
OIDCCacheType shm
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
ProxyPass /oidc !
ProxyPass / ${backend.origin}/ keepalive=On
`;
}
