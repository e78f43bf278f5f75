import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Answers that wait for an earlier one on the same connection (RFC 9112 9.3.2). */
const queues = new WeakMap<Socket, Set<ServerResponse>>();

/**
 * Tells an answer that its client has left. node 22 (seen with 22.19) tells only the one that is being sent: those that wait
 * behind it on the connection would wait for ever, and their calls of backends with them. node 24 (24.21) tells all of them:
 * to be removed when `engines` asks for it.
 */
export function endWhenClientLeaves(socket: Socket, response: ServerResponse): void {
  if (response.socket !== null) return; // its turn already: nearly always
  const queue = queues.get(socket) ?? openQueue(socket);
  queue.add(response);
  response.once('close', () => queue.delete(response));
}

function openQueue(socket: Socket): Set<ServerResponse> {
  const queue = new Set<ServerResponse>();
  queues.set(socket, queue);
  socket.once('close', () => {
    for (const response of queue) {
      if (response.socket !== null) continue; // its turn has come since: node tells it
      response.destroy();
      response.emit('close');
    }
  });
  return queue;
}
