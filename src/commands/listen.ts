import type { Server } from 'node:http';

/** Takes connections. @throws what the system says: the port is in use, or not ours to use */
export function listen(server: Server, port: number, address: string | undefined): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(port, address, () => {
      server.off('error', failed);
      listening();
    });
  });
}
