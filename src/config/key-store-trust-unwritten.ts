import type { KeyPair } from './key-store-pair.ts';
import { createDefaultTrust, type DefaultTrust, makePair } from './key-store-trust.ts';
import { openPairs } from './key-store-trust-file.ts';

/** The default trust for who only looks: where no pair has been made yet, one stands for it that is written nowhere. */
export function lookAtDefaultTrust(workingDirectory: string): DefaultTrust {
  const kept = createDefaultTrust(workingDirectory, () => {});
  let imagined: KeyPair | undefined;
  return Object.freeze({
    ...kept,
    async active() {
      const { active } = await kept.pairs();
      if (active !== undefined) return active;
      imagined ??= openPairs({ active: await makePair('portunus/not-made-yet') }).active;
      return imagined ?? kept.active();
    },
    latest: () => kept.latest() ?? imagined,
  });
}
