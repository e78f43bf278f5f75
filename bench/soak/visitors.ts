import type { Agent } from 'undici';
import { request } from 'undici';
import { documents } from '../world/documents.ts';
import { logIn } from '../world/log-in.ts';

/** Somebody who is logged in. */
export interface Visitor {
  /** Value of the Cookie header. */
  readonly cookie: string;
  csrf: string | undefined;
  /** Milliseconds of the monotonic clock at which the session was last used. */
  usedAt: number;
}

/** Those who are logged in: always as many, and each has its turn. */
export interface Visitors {
  /** The one who has waited longest; nobody else has it until it is given back. */
  take(): Promise<Visitor>;
  /** @param usedAt when the session was last used for sure: an open stream is no use */
  give(visitor: Visitor, usedAt: number): void;
  /** Logs somebody new in, in place of one who has gone. */
  welcome(): Promise<void>;
  /** Those who leave without a word: their sessions end by themselves. */
  abandon(visitor: Visitor): void;
  /** Logs in as many as wanted. */
  fill(): Promise<void>;
  /** Everybody leaves, those who had left without a word too. */
  empty(): Promise<void>;
}

/** The share of its idle time after which a session is not trusted to be there any more. */
const tooLate = 0.6;

/**
 * @param count how many there are
 * @param idle milliseconds after which a session ends that nobody uses
 * @param agent by which they come at the moment
 */
export function createVisitors(origin: string, count: number, idle: number, agent: () => Agent): Visitors {
  const waiting: Visitor[] = [];
  let abandoned: Visitor[] = [];
  const hereOnce = async (): Promise<Visitor> => ({
    cookie: await logIn(`${origin}/user${documents.small.path}`, agent()),
    csrf: undefined,
    usedAt: performance.now(),
  });
  const logOut = async ({ cookie }: Visitor) => {
    const answer = await request(`${origin}/logout?skip-redirect`, { dispatcher: agent(), headers: { cookie } });
    await answer.body.dump();
  };
  const eightAtOnce = async (work: () => Promise<void>, isDone: () => boolean) => {
    const worker = async () => {
      while (!isDone()) await work();
    };
    await Promise.all(Array.from({ length: 8 }, worker));
  };
  return {
    async take() {
      for (;;) {
        const first = waiting.shift();
        if (first === undefined) throw new Error('nobody is logged in: there are fewer visitors than acts at once');
        // On a slow machine a turn may come too late: that session is as good as gone, and no judge of statuses.
        if (performance.now() - first.usedAt < idle * tooLate) return first;
        await logOut(first);
        waiting.push(await hereOnce());
      }
    },
    give(visitor, usedAt) {
      visitor.usedAt = usedAt;
      waiting.push(visitor);
    },
    async welcome() {
      waiting.push(await hereOnce());
    },
    abandon(visitor) {
      const long = performance.now() - 2 * idle;
      abandoned = [...abandoned.filter(({ usedAt }) => usedAt > long), visitor];
    },
    async fill() {
      let left = count - waiting.length;
      await eightAtOnce(
        async () => {
          left -= 1;
          waiting.push(await hereOnce());
        },
        () => left <= 0,
      );
    },
    async empty() {
      const all = [...waiting.splice(0), ...abandoned.splice(0)];
      await eightAtOnce(
        async () => {
          const next = all.pop();
          if (next) await logOut(next);
        },
        () => all.length === 0,
      );
    },
  };
}
