import type { Duplex } from 'node:stream';

/**
 * A tunnel needs nothing any more of the request that opened it. The library's listeners would hold that, its answer and
 * both messages to the upstream for as long as the tunnel stands: a third of the memory of an idle WebSocket. What they
 * did, ending one connection when the other one fails, is done here.
 * @param before listeners for the upstream's end from before the library joined the two
 */
export function letGoOfMessages(client: Duplex, upstream: Duplex, before: readonly unknown[]): void {
  listenForFailure(client, upstream);
  listenForFailure(upstream, client);
  // The library tells others of the end; nobody asks for it. What listens once is `pipe`, which must.
  for (const listener of upstream.rawListeners('end') as (() => void)[])
    if (!before.includes(listener) && !('listener' in listener)) upstream.off('end', listener);
  Object.assign(upstream, { _httpMessage: null }); // node's reference to the upstream's request
}

function listenForFailure(one: Duplex, other: Duplex): void {
  one.removeAllListeners('error').on('error', () => {
    one.destroy();
    other.end();
  });
}
