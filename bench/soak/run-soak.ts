import { setTimeout as after } from 'node:timers/promises';
import { request } from 'undici';
import { type Act, acts, type Stage } from './acts.ts';
import { createClient } from './client.ts';
import { inspect } from './inspect.ts';
import { isAlarming } from './judge-line.ts';
import { growths, type SoakRecord } from './judge-soak.ts';
import { leakOnPurpose } from './leak-on-purpose.ts';
import { type Look, lookingAt } from './look.ts';
import { openSoakWorld } from './open-world.ts';
import type { SoakPlan } from './plan.ts';
import { replaceConfiguration } from './replace-configuration.ts';
import { createStanding } from './stand.ts';
import { createTally } from './tally.ts';
import { createVisitors } from './visitors.ts';

/** Times that a run goes on by half when growth is seen or cannot be told: what leaks goes on leaking. */
const mostExtensions = 4;
/** Seconds that everything may take to be let go of after everybody has left. */
const patience = 40;

/**
 * Puts a router under mixed load and looks at it between rounds, when nothing is under way.
 * @param tell told now and then how it goes
 * @param onEnd called with a heap snapshot's maker before the router is stopped
 */
export async function runSoak(plan: SoakPlan, tell: (line: string) => void, heap?: HeapFiles): Promise<SoakRecord> {
  const alarms: string[] = [];
  const heard = { stdout: '', stderr: '' };
  let refusals = 0;
  let found: (url: string) => void = () => {};
  const inspectorUrl = new Promise<string>((resolve) => {
    found = resolve;
  });
  const world = await openSoakWorld(plan, (text, stream) => {
    const lines = (heard[stream] + text).split('\n');
    heard[stream] = lines.pop() ?? '';
    for (const line of lines) {
      const [url] = /ws:\/\/\S+/.exec(line) ?? [];
      if (stream === 'stderr' && url !== undefined) found(url);
      if (line.includes('the new configuration is not usable')) refusals += 1;
      if (isAlarming(line, stream)) alarms.push(line.slice(0, 500));
    }
  });
  try {
    const inspection = await inspect(await inspectorUrl);
    const look = lookingAt(world, inspection);
    await leakOnPurpose(inspection, plan.leak);
    const tally = createTally();
    const client = createClient(world.origin, tally);
    const visitors = createVisitors(world.origin, plan.sessions, plan.idle * 1000, client.agent);
    const standing = createStanding(client, visitors);
    const logoutToken = async (subject: string) => {
      const { body } = await request(`${world.places.tokenService.issuer}/logout-token?sub=${subject}`);
      return body.text();
    };
    const stage: Stage = { client, visitors, logoutToken };
    const deal = dealer(acts);
    let exit: number | null | undefined;
    void world.router.exited.then((status) => {
      exit = status;
    });
    let generation = 0;
    let rounds = 0;

    const round = async () => {
      rounds += 1;
      const until = performance.now() + plan.round * 1000;
      const worker = async () => {
        while (performance.now() < until && exit === undefined) await perform(...deal(), stage);
      };
      const others = [standing.renew()];
      if (rounds % plan.reloadEvery === 0) {
        generation += 1;
        others.push(replaceConfiguration(world, client, generation, () => refusals));
      }
      await Promise.all([...others, ...Array.from({ length: plan.atOnce }, worker)]);
    };
    const rest = async (isOver: (seen: Look) => boolean): Promise<Look> => {
      // Everybody shares its token, which is kept: there must be one at each rest, so that they can be compared.
      await perform('technical token', acts['1 KB, technical token'] as Act, stage);
      await standing.close();
      await visitors.empty();
      await client.leave();
      const end = performance.now() + patience * 1000;
      for (;;) {
        while (!isOver(await look(false)) && performance.now() < end) await after(250);
        const seen = await look(true);
        // What the process does by the clock, as looking at its files, may have begun in between.
        if (isOver(seen) || performance.now() >= end) return seen;
      }
    };
    const looks: (Look & { readonly requests: number })[] = [];
    const goOn = async (seconds: number) => {
      await visitors.fill();
      // Once everything, whatever else there is time for.
      for (const [name, act] of Object.entries(acts)) if (exit === undefined) await perform(name, act, stage);
      const until = performance.now() + seconds * 1000;
      while (performance.now() < until && exit === undefined) {
        await round();
        if (exit !== undefined) return;
        looks.push({ ...(await look(true)), requests: tally.total });
        if (looks.length % tellEvery(plan) === 0)
          tell(progress(looks, tally.total, [...tally.faults.keys(), ...alarms]));
      }
    };

    const begun = performance.now();
    await goOn(plan.warmUp);
    const warm = looks.length;
    const requestsBefore = tally.total;
    const base = exit === undefined ? await rest(isQuiet) : undefined;
    await heap?.write('base', () => inspection.snapshot());
    await goOn(plan.seconds - (performance.now() - begun) / 1000);
    const record = (last?: Look): SoakRecord => ({
      plan,
      kinds: Object.fromEntries(tally.kinds),
      requests: tally.total,
      requestsMeasured: tally.total - requestsBefore,
      faults: Object.fromEntries(tally.faults),
      alarms,
      exit,
      looks: looks.slice(warm),
      base,
      last,
      seen: {},
    });
    for (let left = mostExtensions; left > 0 && exit === undefined; left--) {
      const open = growths(record()).filter(({ verdict }) => verdict !== 'flat');
      if (open.length === 0) break;
      tell(`${open.map(({ name, verdict }) => `${name}: ${verdict}`).join(', ')}; going on to be sure`);
      await goOn(plan.seconds / 2);
    }
    const seen = exit === undefined ? await countersOf(world.admin) : {};
    const last = exit === undefined && base !== undefined ? await rest((now) => isBack(now, base)) : undefined;
    await heap?.write('last', () => inspection.snapshot());
    const diedBefore = exit !== undefined;
    await inspection.close();
    await world.router.stop();
    const status = await world.router.exited;
    if (!diedBefore && status !== 0) alarms.push(`stopped, it ended with status ${status}`);
    return { ...record(last), exit: diedBefore ? status : undefined, seen };
  } finally {
    await world.close();
  }
}

/** Where heap snapshots go. */
export interface HeapFiles {
  write(name: string, take: () => Promise<string>): Promise<void>;
}

/** Milliseconds that one act may take. */
const longest = 120_000;

async function perform(name: string, act: Act, stage: Stage): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, failed) => {
    timer = setTimeout(() => failed(new Error(`not over within ${longest / 1000} s`)), longest);
  });
  try {
    await Promise.race([act.run(stage), tooLong]);
  } catch (cause) {
    stage.client.tally.unexpected(name, String(cause));
  } finally {
    clearTimeout(timer);
  }
}

/** Deals acts as cards: each comes as often as its weight says, in an order of its own each time. */
function dealer(all: Readonly<Record<string, Act>>): () => readonly [string, Act] {
  const deck = Object.entries(all).flatMap((entry) => Array.from({ length: entry[1].weight }, () => entry));
  let left: (readonly [string, Act])[] = [];
  return () => {
    if (left.length === 0)
      left = deck
        .map((card) => ({ card, at: Math.random() }))
        .sort((a, b) => a.at - b.at)
        .map(({ card }) => card);
    return left.pop() as readonly [string, Act];
  };
}

/** Nobody is there and nothing is open. */
function isQuiet({ held, resources }: Look): boolean {
  const { sessions, liveSessions, inFlight, backendConnections } = held;
  return sessions + liveSessions + inFlight + backendConnections === 0 && (resources['TCPSocketWrap'] ?? 0) <= 2;
}

/** Everything is as it was, or less. */
export function isBack(now: Look, base: Look): boolean {
  return isQuiet(now) && Object.entries(now.resources).every(([kind, count]) => count <= (base.resources[kind] ?? 0));
}

async function countersOf(admin: string): Promise<Record<string, number>> {
  const scrape = await (await request(`${admin}/metrics`, { headers: { connection: 'close' } })).body.text();
  const lines = scrape.matchAll(
    /^(portunus_(?:renewals|logins|logouts|reloads|refusals|credentials)_total\{[^}]*\}) (\d+)$/gm,
  );
  return Object.fromEntries([...lines].map(([, name = '', count]) => [name, Number(count)]));
}

function tellEvery({ round }: SoakPlan): number {
  return Math.max(1, Math.round((round > 1 ? 30 : 5) / round));
}

function progress(looks: readonly Look[], requests: number, faults: readonly string[]): string {
  const look = looks.at(-1) as Look;
  const { heap, rss, held, resources, at } = look;
  return [
    `${Math.round(at)} s`.padStart(6),
    `${requests.toLocaleString('en-US')} requests`,
    faults.length === 0 ? 'no faults' : `${faults.length} faults, the last: ${faults.at(-1)}`,
    `heap ${heap.toFixed(1)} MB`,
    `RSS ${rss.toFixed(0)} MB`,
    `${resources['TCPSocketWrap'] ?? 0} sockets`,
    `${held.sessions} sessions`,
    `${held.tokens} tokens`,
  ].join('  ');
}
