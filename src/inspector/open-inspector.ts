import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Observer } from '../observe/observer.ts';
import { type Entries, keepEntries } from './keep-entries.ts';
import { type PageFile, readPage } from './read-page.ts';
import { streamEntries } from './stream-entries.ts';

/** The inspector of a process (PORTUNUS_INSPECTOR): listens from the start on, and outlives configurations. */
export interface Inspector {
  /** Files of the page by path. */
  readonly files: ReadonlyMap<string, PageFile>;
  /** Answers with a stream of what happens. @returns false when too many pages look already */
  stream(response: ServerResponse, lastEventId: string | undefined): boolean;
  /** Forgets all requests. */
  clear(): void;
  /** Ends all streams, or the process would wait for them. */
  close(): void;
}

/** Requests kept. */
const most = 200;

/** @throws Error when the page's files are not there */
export function openInspector(observer: Observer): Inspector {
  const files = readPage();
  const streams = streamEntries(() => entries, randomUUID().slice(0, 8));
  const entries: Entries = keepEntries(most, streams.changed);
  const stopListening = observer.listen(entries.listener);
  // A configuration that was replaced is left when its last request has been answered; a stream is one.
  const stopWatching = observer.listen({
    followsRequests: false,
    hear(event) {
      if (event.kind === 'reloaded') streams.end();
    },
  });
  let closed = false;
  return {
    files,
    stream: (response, lastEventId) => !closed && streams.open(response, lastEventId),
    clear: entries.clear,
    close() {
      closed = true;
      stopListening();
      stopWatching();
      streams.close();
    },
  };
}
