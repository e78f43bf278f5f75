import type { IncomingMessage } from 'node:http';
import { logoutByOthers } from '../src/accept/logout-request.ts';
import { fewAtOnce } from '../src/few-at-once.ts';
import type { House } from '../src/house.ts';
import { auditedUser } from '../src/observe/audit-event.ts';
import type { EndedSession } from '../src/session/session-store.ts';

/** Sessions seen to at a time: a user may have thousands, and provider and backends have others to serve. */
const atOnce = 20;

/** What is left to do for sessions that have ended because a provider said so. */
export async function endByProvider(
  { audit, endLogin }: Pick<House, 'audit' | 'endLogin'>,
  ended: readonly EndedSession[],
  request: IncomingMessage,
): Promise<void> {
  const inTurn = fewAtOnce(atOnce);
  const end = async (each: EndedSession) => {
    const { login } = each.data;
    if (login) audit({ event: 'logout', user: auditedUser(login.user), by: 'provider' }, request);
    await endLogin(each, 'logout', logoutByOthers(request.arrival));
  };
  await Promise.all(ended.map((each) => inTurn(() => end(each))));
}
