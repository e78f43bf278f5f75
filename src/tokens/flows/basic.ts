import type { DestinationOf } from '../../destinations/destination.ts';
import type { Credential } from '../credential.ts';
import type { LocalFlow } from '../flow.ts';

type Basic = DestinationOf<'BasicAuthentication'>;

const encoded = new WeakMap<Basic, Credential>();

/** User and password of the destination, in UTF-8 (RFC 7617 2.1). */
export const basic: LocalFlow<Basic> = {
  kind: 'local',
  show(destination) {
    let credential = encoded.get(destination);
    if (credential === undefined) {
      const pair = Buffer.from(`${destination.user}:${destination.password}`).toString('base64');
      credential = Object.freeze({ kind: 'header', name: 'authorization', value: `Basic ${pair}` });
      encoded.set(destination, credential);
    }
    return credential;
  },
};
