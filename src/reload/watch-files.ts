import { type FSWatcher, watch } from 'node:fs';

export interface Watching {
  /** Takes note that the files as they are now are known. Looks again at once when they change meanwhile. */
  close(): void;
}

export interface WatchOptions {
  /** Stands for the state of all files. */
  readonly signature: () => Promise<string>;
  /** Where the file system may report changes; asked again after each change. */
  readonly directories: () => Promise<readonly string[]>;
  /** The state that is known already. */
  readonly known: string;
  /** Called when the files have changed and come to rest; one call at a time. */
  readonly onChange: () => Promise<void>;
  /** Milliseconds that files must be at rest: who copies several is let finish. */
  readonly rest?: number;
  /** Milliseconds between looks where no change is reported, as on network file systems. */
  readonly interval?: number;
}

/**
 * Watches files. A report of the file system only says when to look; what decides is their state, so that links turned
 * elsewhere count, and writing the same file in several pieces counts once.
 */
export function watchFiles(options: WatchOptions): Watching {
  const { signature, directories, onChange, rest = 100, interval = 2_000 } = options;
  let { known } = options;
  let closed = false;
  let looking = false;
  let lookAgain = false;
  let watchers: readonly FSWatcher[] = [];
  let soon: NodeJS.Timeout | undefined;

  const listen = async () => {
    const found = await directories();
    for (const watcher of watchers) watcher.close();
    watchers = closed ? [] : found.flatMap((directory) => watchDirectory(directory, lookSoon));
  };
  const look = async () => {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    do {
      lookAgain = false;
      let now = await signature();
      if (now === known) continue;
      for (let before = ''; before !== now && !closed; ) {
        before = now;
        await new Promise((rested) => setTimeout(rested, rest));
        now = await signature();
      }
      if (closed || now === known) continue;
      known = now;
      await onChange();
      await listen();
      lookAgain = true; // what changed while it was being read
    } while (lookAgain && !closed);
    looking = false;
  };
  const lookSoon = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      void look();
    }, 20);
  };
  const ticking = setInterval(() => void look(), interval);
  ticking.unref();
  void listen();
  return {
    close() {
      closed = true;
      clearInterval(ticking);
      clearTimeout(soon);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** One that cannot be watched is looked at from time to time all the same. */
function watchDirectory(directory: string, onReport: () => void): FSWatcher[] {
  try {
    const watcher = watch(directory, { persistent: false }, onReport);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
