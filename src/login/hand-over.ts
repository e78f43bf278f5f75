import { createHash } from 'node:crypto';
import { onceOnly } from '../session/once-only.ts';
import { seal, unseal } from '../session/seal.ts';

/**
 * A session handed from the window that logged in to the frame that needs it. Where another site embeds us, browsers keep
 * the frame's cookies apart from the window's (CHIPS), so a login in a pop-up is not one in the frame. The frame proves
 * by a verifier, as in PKCE (RFC 7636), that it is the one that opened the window.
 */
export interface HandOvers {
  /** @param challenge base64url of the SHA-256 of the frame's verifier */
  offer(sessionId: string, challenge: string): string;
  /** @returns the session's id; undefined when code and verifier do not belong together, or the code is old or used */
  accept(code: string, verifier: string): string | undefined;
}

const purpose = 'session hand-over';
/** Milliseconds between the end of the login and the frame's request. */
const validity = 60_000;

/** @param keys the first seals, all open; 32 bytes each */
export function createHandOvers(keys: readonly [Buffer, ...Buffer[]]): HandOvers {
  const firstUse = onceOnly();
  return {
    offer: (sessionId, challenge) => seal(JSON.stringify([sessionId, challenge, Date.now()]), keys[0], purpose),
    accept(code, verifier) {
      const text = keys.map((key) => unseal(code, key, purpose)).find((opened) => opened !== undefined);
      if (text === undefined) return undefined;
      const [sessionId, challenge, offeredAt] = JSON.parse(text) as [string, string, number];
      const fits = createHash('sha256').update(verifier).digest('base64url') === challenge;
      return fits && Date.now() - offeredAt <= validity && firstUse(code, validity) ? sessionId : undefined;
    },
  };
}

/** Whether a text can be a challenge: nothing else of the request gets into the page that answers it. */
export function isChallenge(text: string | null): text is string {
  return text !== null && /^[\w-]{43}$/.test(text);
}
