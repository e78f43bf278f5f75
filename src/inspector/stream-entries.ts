import type { ServerResponse } from 'node:http';
import type { Entries } from './keep-entries.ts';

/** Pages that look at once; a browser has six connections for a host. */
const mostStreams = 16;
/** Bytes that a page may be behind; one that reads slower is cut off, comes back and gets what is then. */
const mostBehind = 4 * 1024 * 1024;
/** Milliseconds in which changes are gathered. */
const gathering = 40;
/** Milliseconds between signs of life, well below what proxies and INCOMING_CONNECTION_TIMEOUT wait. */
const beat = 15_000;

/** Server-sent events (HTML, 9.2): what has changed, to everybody who looks. */
export interface Streams {
  /** Tells the streams that something has changed. */
  changed(): void;
  /** Answers with a stream. @returns false when there are too many */
  open(response: ServerResponse, lastEventId: string | undefined): boolean;
  /** Ends them all; the pages come back by themselves. */
  end(): void;
  /** Ends them for good. */
  close(): void;
}

/**
 * @param entries asked when there is something to tell
 * @param born tells this process from the one before: numbers of entries begin anew with it
 */
export function streamEntries(entries: () => Entries, born: string): Streams {
  const open = new Map<ServerResponse, { told: number; emptied: number }>();
  let timer: NodeJS.Timeout | undefined;
  const heart = setInterval(() => {
    for (const response of open.keys()) response.write(': still here\n\n');
  }, beat);
  heart.unref();

  function tell(response: ServerResponse, reader: { told: number; emptied: number }): void {
    const { state, emptied, since } = entries();
    const isFresh = reader.told < 0 || reader.emptied !== emptied;
    const data = JSON.stringify({ reset: isFresh, entries: since(isFresh ? -1 : reader.told) });
    reader.told = state;
    reader.emptied = emptied;
    response.write(`id: ${born}.${emptied}.${state}\nevent: entries\ndata: ${data}\n\n`);
    if (response.writableLength > mostBehind) response.destroy();
  }

  function end(): void {
    for (const response of open.keys()) response.end();
  }

  return {
    changed() {
      if (open.size === 0) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        for (const [response, reader] of open) tell(response, reader);
      }, gathering).unref();
    },
    open(response, lastEventId) {
      if (open.size >= mostStreams) return false;
      const [process, emptied, state] = lastEventId?.split('.') ?? [];
      const reader = process === born ? { told: Number(state), emptied: Number(emptied) } : { told: -1, emptied: -1 };
      if (!Number.isSafeInteger(reader.told)) reader.told = -1;
      response.writeHead(200, [
        ...['content-type', 'text/event-stream'],
        ...['cache-control', 'no-store'],
        ...['x-content-type-options', 'nosniff'],
      ]);
      response.write('retry: 500\n\n');
      open.set(response, reader);
      response.once('close', () => open.delete(response));
      tell(response, reader);
      return true;
    },
    end,
    close() {
      clearInterval(heart);
      clearTimeout(timer);
      end();
    },
  };
}
