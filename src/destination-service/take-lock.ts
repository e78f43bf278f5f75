import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { refusal } from './refusal.ts';

/** This process, among all that ever had its number. */
const ourselves = randomUUID();
/** Milliseconds that a writer waits for another one. */
const patience = 10_000;
/** Milliseconds after which the lock of another machine's process, whose life cannot be seen, is taken for left behind. */
const foreignAge = 60_000;

/**
 * Runs a change while nobody else makes one.
 * @throws AppError 503 when the lock is not to be had in time; what the change throws
 */
export type Lock = <T>(change: () => Promise<T>) => Promise<T>;

/**
 * A lock for writers in this process and others on the same directory: two that read, change and write the same file
 * would lose the first one's update. A process that died with it loses it, and its drafts are removed: they hold secrets.
 * @param file the lock; it is there while somebody has it
 * @param folders where writers make drafts
 */
export function createLock(file: string, folders: readonly string[]): Lock {
  const sweep = () => sweepDrafts(file, folders);
  return async (change) => {
    const release = await take(file, sweep);
    try {
      return await change();
    } finally {
      await release();
    }
  };
}

async function take(file: string, sweep: () => Promise<void>): Promise<() => Promise<void>> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const born = await birthOf(process.pid);
  const owner = JSON.stringify({ pid: process.pid, host: hostname(), process: ourselves, born, id: randomUUID() });
  // Written beside and then linked: a lock is never seen without its owner.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, owner, { flag: 'wx', mode: 0o600 });
  try {
    for (const until = Date.now() + patience; ; ) {
      if (await placed(draft, file)) return () => unlink(file);
      await removeIfLeftBehind(file, sweep);
      if (Date.now() > until)
        throw refusal(503, `The store is locked by another process; if there is none, delete ${file}`);
      await pause(5 + Math.random() * 20);
    }
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function placed(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

/**
 * Removes the lock of a dead owner. Of several that see it only one may: the next lock could be there already when the
 * second one deletes. So who removes holds a lock for that, too; it lives for microseconds, and is dropped by age.
 */
async function removeIfLeftBehind(file: string, sweep: () => Promise<void>): Promise<void> {
  const owner = await readFile(file, 'utf8').catch(() => undefined);
  if (owner === undefined || !(await isLeftBehind(file, owner))) return;
  const broom = `${file}.broom`;
  try {
    await writeFile(broom, '', { flag: 'wx', mode: 0o600 });
  } catch {
    const age = await ageOf(broom);
    if (age > patience) await unlink(broom).catch(() => undefined);
    return;
  }
  try {
    if ((await readFile(file, 'utf8').catch(() => undefined)) !== owner) return;
    await sweep();
    await unlink(file).catch(() => undefined);
  } finally {
    await unlink(broom).catch(() => undefined);
  }
}

/** A number says little of a process: a container that is started again gives it to the next one, under the same host name. */
async function isLeftBehind(file: string, text: string): Promise<boolean> {
  const owner = readOwner(text);
  if (owner === undefined || owner.host !== hostname()) return (await ageOf(file)) > foreignAge;
  if (owner.pid === process.pid) return owner.process !== ourselves;
  try {
    process.kill(owner.pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const born = await birthOf(owner.pid);
  return owner.born !== undefined && born !== undefined && owner.born !== born;
}

interface Owner {
  readonly pid: number;
  readonly host: unknown;
  readonly process: unknown;
  readonly born: unknown;
}

function readOwner(text: string): Owner | undefined {
  try {
    const owner = JSON.parse(text) as Owner;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** When a process began, as Linux tells it (proc(5): field 22, counted behind the name in parentheses); elsewhere unknown. */
async function birthOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

async function ageOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => undefined);
  return found === undefined ? 0 : Date.now() - found.mtimeMs;
}

/** Called while the dead owner's lock still stands, so that every draft is a dead one's; others may be about to lock. */
async function sweepDrafts(file: string, folders: readonly string[]): Promise<void> {
  for (const folder of [...folders, path.dirname(file)])
    for (const name of await readdir(folder).catch(() => [])) {
      const left = path.join(folder, name);
      const attempt = name.startsWith(`${path.basename(file)}.`) && (await ageOf(left)) > foreignAge;
      if (/^\.[0-9a-f-]{36}\.draft$/.test(name) || attempt) await unlink(left).catch(() => undefined);
    }
}
