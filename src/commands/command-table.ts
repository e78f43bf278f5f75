import type { Command } from './command.ts';

const directory = '-w DIR  working directory: where xs-app.json is (default: the current one)';

/** All commands, by what is typed after `portunus`: one word, or two. Listed by `--help` in this order. */
export const commandTable: Readonly<Record<string, Command>> = {
  start: {
    summary: 'start the router (also without any command)',
    usage: '[-w DIR]',
    options: [directory],
    load: () => import('./start.ts'),
  },
  trust: {
    summary: 'the key pairs that sign SAML assertions where a destination names no key store',
    usage: '[show|metadata|certificate|prepare|rotate|renew|discard] [-w DIR]',
    options: [
      'show         what there is, and until when (default)',
      'metadata     SAML metadata to register at targets, with both certificates',
      'certificate  the active certificate, then the passive one (PEM)',
      'prepare      make a passive pair, to be registered before it signs',
      'rotate       active and passive change places, at once',
      'renew        make a new active pair, at once: targets refuse it until they know it',
      'discard      delete the passive pair',
      directory,
    ],
    load: () => import('./trust.ts'),
  },
};
