import type { Duplex } from 'node:stream';

/**
 * Tells when a client leaves that waits for the answer to its upgrade: nobody reads from it meanwhile, and who does not read
 * does not see the end. What it sends ahead of the answer stays for the tunnel, unread.
 * @returns ends the watch, which has to be over when somebody else begins to read
 */
export function watchLeaving(client: Duplex, left: () => void): () => void {
  const keep = (chunk: Buffer) => {
    client.pause();
    client.unshift(chunk);
  };
  client.on('data', keep).once('end', left).once('close', left);
  return () => void client.off('data', keep).off('end', left).off('close', left);
}
