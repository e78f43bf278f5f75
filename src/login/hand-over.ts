import { createHash } from 'node:crypto';
import { seal, unseal } from '../session/seal.ts';
import type { Sessions } from '../session/sessions.ts';

/**
 * A session handed from the window that logged in to the frame that needs it. Where another site embeds us, browsers keep
 * the frame's cookies apart from the window's (CHIPS), so a login in a pop-up is not one in the frame. The frame proves
 * by a verifier, as in PKCE (RFC 7636), that it is the one that opened the window.
 */
export interface HandOvers {
  /** @param challenge base64url of the SHA-256 of the frame's verifier */
  offer(sessionId: string, challenge: string): string;
  /** @returns the session's id; undefined when code and verifier do not belong together, or the code is old or used */
  accept(code: string, verifier: string): Promise<string | undefined>;
}

const purpose = 'session hand-over';
/** Milliseconds between the end of the login and the frame's request. */
const validity = 60_000;

/**
 * @param keys the first seals, all open; 32 bytes each
 * @param firstUse takes a value once in so many milliseconds, on all instances together
 */
export function createHandOvers(keys: readonly [Buffer, ...Buffer[]], firstUse: Sessions['firstUse']): HandOvers {
  return {
    offer: (sessionId, challenge) => seal(JSON.stringify([sessionId, challenge, Date.now()]), keys[0], purpose),
    async accept(code, verifier) {
      const text = keys.map((key) => unseal(code, key, purpose)).find((opened) => opened !== undefined);
      if (text === undefined) return undefined;
      const [sessionId, challenge, offeredAt] = JSON.parse(text) as [string, string, number];
      if (digest(verifier) !== challenge || Date.now() - offeredAt > validity) return undefined;
      // Its digest: what is remembered, perhaps elsewhere, opens nothing.
      return (await firstUse(`hand-over ${digest(code)}`, validity)) ? sessionId : undefined;
    },
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** Whether a text can be a challenge: nothing else of the request gets into the page that answers it. */
export function isChallenge(text: string | null): text is string {
  return text !== null && /^[\w-]{43}$/.test(text);
}
