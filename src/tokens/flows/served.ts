import type { User } from '../../authorization/principal.ts';
import type { DestinationOf } from '../../destinations/destination.ts';
import type { Issued } from '../credential.ts';
import { decodeServedError } from '../decode-served-error.ts';
import type { AskingFlow, Caller } from '../flow.ts';
import { subjectTokenType } from '../subject-token-type.ts';

type ServedDestination = DestinationOf<'ServedToken' | 'ServedAssertion'>;
type HandsOver = ServedDestination['handsOver'];

/** Headers of Find that hand the user over (destination-service.md 3.6, 4.2). */
const headersOf = {
  nothing: () => ({}),
  'user token': ({ token }: User) => ({ 'x-user-token': token }),
  'subject token': (user: User) => ({
    'x-subject-token': user.token,
    'x-subject-token-type': subjectTokenType(user),
  }),
  'chain user token': ({ token }: User) => ({ 'x-chain-var-userToken': token }),
  'chain subject token': (user: User) => ({
    'x-chain-var-subjectToken': user.token,
    'x-chain-var-subjectTokenType': subjectTokenType(user),
  }),
} satisfies Record<HandsOver, (user: User) => Readonly<Record<string, string>>>;

/** Milliseconds a token is taken to live when the service does not say (destination-service.md 6.4: 5 minutes). */
const unsaid = 300_000;

const actsFor = ({ handsOver }: ServedDestination) => (handsOver === 'nothing' ? 'client' : 'user');

/** A token that the Destination service gets (destination-service.md 0 #3). A user's is asked for with the user's token, and a client's without any. */
export const servedToken: AskingFlow<DestinationOf<'ServedToken'>> = { kind: 'token', actsFor, obtain };

/** An assertion for the target itself, which takes each but once (destination-service.md 8 #15). */
export const servedAssertion: AskingFlow<DestinationOf<'ServedAssertion'>> = { kind: 'once', actsFor, obtain };

async function obtain(destination: ServedDestination, { user, now }: Caller): Promise<Issued> {
  const handed: Readonly<Record<string, string>> = user === undefined ? {} : headersOf[destination.handsOver](user);
  const answer = await destination.retrieve(handed);
  if (answer.kind === 'refused') throw decodeServedError(destination, answer.reason, user, now);
  const { header, raw, life = unsaid, scope } = answer;
  const expiresAt = now + life;
  return {
    credential: Object.freeze({ kind: 'header', ...header }),
    expiresAt,
    answer: { token: raw, expiresAt, scope },
  };
}
