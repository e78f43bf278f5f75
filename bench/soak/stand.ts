import type { Client } from './client.ts';
import type { Visitor, Visitors } from './visitors.ts';

/** Event streams and WebSockets that stay open over several rounds, always as many. */
export interface Standing {
  /** Opens one of each, and closes the oldest when there are more than there should be. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const most = 3;

export function createStanding(client: Client, visitors: Visitors): Standing {
  const open: { readonly visitor: Visitor; readonly usedAt: number; end(): Promise<unknown> }[] = [];
  const closeOldest = async () => {
    const oldest = open.shift();
    if (oldest === undefined) return;
    await oldest.end();
    visitors.give(oldest.visitor, oldest.usedAt);
  };
  return {
    async renew() {
      const visitor = await visitors.take();
      const usedAt = performance.now();
      const headers = { cookie: visitor.cookie };
      const kind = 'open over rounds';
      const socket = await client.open(kind, '/user/ws', headers);
      const asking = { ...headers, accept: 'text/event-stream' };
      const events = await client.begin({ kind, path: '/user/events', wants: [200], headers: asking });
      let isEnding = false;
      const broken = (what: string) => () => {
        if (!isEnding) client.tally.unexpected(kind, `${what} ended by itself`);
      };
      socket?.once('close', broken('a WebSocket'));
      events?.resume().once('close', broken('an event stream'));
      open.push({
        visitor,
        usedAt,
        async end() {
          isEnding = true;
          const ends = [socket, events].map((each) => each && new Promise((closed) => each.once('close', closed)));
          socket?.close(1000);
          events?.destroy();
          await Promise.all(ends);
        },
      });
      if (open.length > most) await closeOldest();
    },
    async close() {
      while (open.length > 0) await closeOldest();
    },
  };
}
