import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-port.ts';
import { startPinned } from '../machine/start-pinned.ts';
import { nginxFrame } from '../world/nginx-frame.ts';
import type { Peer } from './peer.ts';
import { anyCookie } from './start-node-proxy.ts';

/** How fast a proxy in C is on this machine; nobody in JavaScript comes near. */
export const nginx: Peer = {
  name: 'nginx',
  does: 'nothing',
  missing: () => (findProgram('nginx') === undefined ? 'nginx is not installed' : undefined),
  async start(world) {
    const port = await freePort();
    const home = world.makeDirectory('nginx');
    const file = path.join(home, 'nginx.conf');
    writeFileSync(file, configuration(home, port, new URL(world.backend.origin).host));
    const started = await startPinned({
      command: [findProgram('nginx') ?? '', '-c', file, '-p', home],
      core: world.tools.cores.router,
      port,
    });
    world.atEnd(started.stop);
    const origin = `http://127.0.0.1:${port}`;
    return { ...started, name: nginx.name, origin, cookies: [anyCookie], credential: 'none' };
  },
};

function configuration(home: string, port: number, backend: string): string {
  return nginxFrame(
    home,
    `
  upstream backend {
    server ${backend};
    keepalive 100;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://backend;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }
  }`,
  );
}
