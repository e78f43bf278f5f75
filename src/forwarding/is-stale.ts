/** Milliseconds of quiet after which a connection that breaks at once is taken for one that was closed while idle. */
const quietFor = 500;

/**
 * Whether the upstream had closed a kept connection before our request reached it; a safe request is then sent again,
 * once (xs-app.md 13.1 #8). A connection that never answered anything is no kept one: its request has been seen.
 * @param quiet milliseconds since the pool was last used; decides where undici does not say what the connection has read
 */
export function isStale(cause: unknown, quiet: number): boolean {
  const { code, socket } = (cause ?? {}) as { code?: unknown; socket?: { bytesRead?: number } };
  if (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET' && code !== 'EPIPE') return false;
  return socket?.bytesRead === undefined ? quiet >= quietFor : socket.bytesRead > 0;
}
