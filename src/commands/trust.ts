import { parseArgs } from 'node:util';
import { expiryWarning } from '../config/certificate-expiry.ts';
import type { KeyPair } from '../config/key-store.ts';
import { KeyStoreError } from '../config/key-store-error.ts';
import { createDefaultTrust, type DefaultTrust } from '../config/key-store-trust.ts';
import { type CommandCall, UsageError } from './command.ts';

/** What can be done with the default trust, and what is said when it is done. */
const deeds = {
  show: async (trust) => {
    const { active, passive } = await trust.pairs();
    if (active === undefined && passive === undefined)
      return 'There is no key pair yet. It is made when the first destination needs it, or by "portunus trust prepare".\n';
    return `${told('active', active)}${told('passive', passive)}`;
  },
  metadata: (trust) => trust.metadata(),
  certificate: async (trust) => {
    const { active, passive } = await trust.pairs();
    if (active === undefined) throw new KeyStoreError('not-found', 'the default trust has no key pair yet');
    // One text: the active one, then the passive one, as in the metadata.
    return [active, passive].map((pair) => pair?.chain[0] ?? '').join('');
  },
  prepare: async (trust) => {
    const passive = await trust.prepare();
    return `${told('passive', passive)}Register it at the targets ("portunus trust certificate" or "metadata"), then "portunus trust rotate".\n`;
  },
  rotate: async (trust) => {
    const { active, passive } = await trust.rotate();
    return `${told('active', active)}${told('passive', passive)}A running router signs with the active one from now on. When no target needs the passive one: "portunus trust discard".\n`;
  },
  renew: async (trust) => {
    const active = await trust.renew();
    return `${told('active', active)}A running router signs with it from now on, and targets refuse that until they know it: register it now.\n`;
  },
  discard: async (trust) => {
    await trust.discard();
    return 'There is no passive key pair (any more).\n';
  },
} satisfies Readonly<Record<string, (trust: DefaultTrust) => Promise<string>>>;

/**
 * `portunus trust …`: the key pairs that sign SAML assertions where a destination names no key store
 * (destination-service.md 3.5). A running router of the same working directory follows at once.
 * @throws UsageError, KeyStoreError
 */
export async function run({ workingDirectory, args, write }: Pick<CommandCall, 'workingDirectory' | 'args' | 'write'>) {
  const [word = 'show', ...rest] = parseArgs({ args: [...args], allowPositionals: true }).positionals;
  if (!isDeed(word)) throw new UsageError(`unknown: portunus trust ${word}`);
  if (rest.length > 0) throw new UsageError(`portunus trust ${word} takes nothing more, not "${rest.join(' ')}"`);
  write(await deeds[word](createDefaultTrust(workingDirectory, () => undefined)));
  return 0;
}

function isDeed(word: string): word is keyof typeof deeds {
  return Object.hasOwn(deeds, word);
}

function told(role: string, pair: KeyPair | undefined): string {
  if (pair === undefined) return `${role}: none\n`;
  const { certificate, commonName } = pair;
  const lines = [
    `${role}: CN=${commonName}`,
    `  valid   ${day(certificate.validFrom)} to ${day(certificate.validTo)}`,
    `  SHA-1   ${certificate.fingerprint}`,
    `  SHA-256 ${certificate.fingerprint256}`,
  ];
  const warning = expiryWarning(certificate, Date.now());
  return `${[...lines, ...(warning ? [`  ${warning}`] : [])].join('\n')}\n`;
}

function day(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}
