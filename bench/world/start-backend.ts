import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../machine/find-program.ts';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';
import { writeDocuments } from './documents.ts';
import { nginxFrame } from './nginx-frame.ts';

export interface Backend extends Pinned {
  readonly kind: 'nginx' | 'node';
  readonly origin: string;
}

/** Starts what all proxies stand in front of: nginx where it is installed, because it takes least of the shared core. */
export async function startBackend(directory: string, core: number): Promise<Backend> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const nginx = findProgram('nginx');
  if (nginx === undefined) {
    const program = fileURLToPath(new URL('node-backend.ts', import.meta.url));
    const started = await startPinned({
      command: [process.execPath, program],
      env: { PORT: String(port) },
      core,
      port,
    });
    return { ...started, kind: 'node', origin };
  }
  const home = path.join(directory, 'backend');
  mkdirSync(home);
  writeDocuments(home);
  const file = path.join(home, 'nginx.conf');
  writeFileSync(file, configuration(home, port));
  return { ...(await startPinned({ command: [nginx, '-c', file, '-p', home], core, port })), kind: 'nginx', origin };
}

function configuration(home: string, port: number): string {
  return nginxFrame(
    home,
    `
  map $http_authorization $credential { default other; "" none; "~^Bearer " bearer; }
  open_file_cache max=10 inactive=1h;
  open_file_cache_valid 1h;
  server {
    listen 127.0.0.1:${port};
    root ${home};
    default_type application/json;
    add_header x-credential $credential;
  }`,
  );
}
