import type { ExternalSessions } from '../../config/redis-settings.ts';
import { connectRedis } from '../../session/connect-redis.ts';
import { Complaint, type Examination, ok, take } from './step.ts';

/** Milliseconds between looks whether the connection stands. */
const pause = 20;

/** Looks whether Redis takes our connection and runs the scripts that sessions need. */
export async function examineRedis({ redis: settings }: ExternalSessions, limit: number): Promise<Examination> {
  const where = settings.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
  const step = await take('connection', limit, async () => {
    let lost: unknown;
    let given = false;
    const client = connectRedis(settings, (cause) => {
      lost = cause;
      given = true;
    });
    try {
      const end = Date.now() + limit;
      while (!client.isReady) {
        if (given) throw complaint(where, lost);
        if (Date.now() > end) throw new Complaint(`${where} does not answer`);
        await new Promise((next) => setTimeout(next, pause));
      }
      await client.eval('return 1', { keys: [], arguments: [] }).catch((cause) => {
        throw complaint(where, cause);
      });
      return ok(`${settings.kind}, ${where}`);
    } finally {
      await client.close().catch(() => undefined);
    }
  });
  return { subject: 'Redis', steps: [step] };
}

function complaint(where: string, cause: unknown): Complaint {
  const { code, message = '' } = (cause ?? {}) as { code?: string; message?: string };
  // Redis begins its errors with a word in capitals; the rest may quote what was sent.
  const word = code ?? /^[A-Z]{3,}\b/.exec(message)?.[0] ?? 'the connection is lost';
  const cure = /^(NOAUTH|WRONGPASS|NOPERM)$/.test(word)
    ? 'Check user and password of the Redis binding or REDIS_URL; EVAL must be allowed.'
    : 'Check the address (EXT_SESSION_MGT and its binding, or REDIS_URL), TLS, and whether it runs.';
  return new Complaint(`${where}: ${word}`, cure);
}
