import type { Command } from './command.ts';

const directory = '-w DIR  working directory: where xs-app.json is (default: the current one)';
const destinationsDirectory = '-w DIR  where destinations.json and keystores/ are (default: the current one)';
const keyStorePassword =
  '--password P  of the key store: @FILE that holds it, env:NAME, or itself (default: one is made)';
const keyStoreEnv =
  '--env FILE  where to write the password as NAME=value; without it, one that was made is printed once';
const keyStoreOut = '--out DIR  where to write the files (default: keystores)';

/** All commands, by what is typed after `portunus`: one word, or two. Listed by `--help` in this order. */
export const commandTable: Readonly<Record<string, Command>> = {
  start: {
    summary: 'start the router (also without any command)',
    usage: '[-w DIR]',
    options: [directory],
    load: () => import('./start.ts'),
  },
  check: {
    summary: 'check all configuration without starting: what is wrong, and what is right but dangerous',
    usage: '[DIR] [--strict] [--format text|json|sarif]',
    options: [
      'DIR  where xs-app.json is (default: the current directory; the same as -w DIR)',
      '--strict  warnings fail, too',
      '--format text|json|sarif  for people (default), for programs, for code hosts and editors (SARIF 2.1.0)',
      'exit status: 0 the router would start, 1 it would not, 2 the command line is wrong',
    ],
    load: () => import('./check.ts'),
  },
  doctor: {
    summary: 'look at destinations, providers and Redis from DNS to an answer, and tell what fails and what to do',
    usage: '[DESTINATION] [--user-token T] [--path P] [--format F] [--timeout S] [--parallel N] [-w DIR]',
    options: [
      'DESTINATION  only this one (default: everything)',
      '--user-token T  the token of a user to act for, or @FILE that holds it; without it, what needs a user is not called',
      '--path P  what to call below the URLs (default: the URLs themselves)',
      '--format F  table (default), json or junit',
      '--timeout S  seconds a step may take (default: 10)',
      '--parallel N  how many are looked at at once (default: 4)',
      directory,
    ],
    load: () => import('./doctor.ts'),
  },
  explain: {
    summary: 'tell what would become of a request: route, path, destination, token requests, headers; nothing is sent',
    usage: 'METHOD URL [--as FILE] [--header "name: value"]… [--format text|json] [-w DIR]',
    options: [
      'URL  a path with query, or https://host/path where the host matters',
      "--as FILE  JSON with the claims of the user's token, or the token itself; default: a stand-in who may use the route",
      '--header "name: value"  a header of the request; may be repeated',
      '--format text|json  for people (default), or for programs',
      directory,
    ],
    load: () => import('./explain.ts'),
  },
  'explain session': {
    summary: 'tell which clock ends sessions and logins, and when: idle time, longest life, token, renewal',
    usage: '[--as FILE] [--format text|json] [-w DIR]',
    options: [
      "--as FILE  a user's token, or its claims as JSON: how long it lives (default: an hour is assumed)",
      '--format text|json  for people (default), or for programs',
      directory,
    ],
    load: () => import('./explain-session.ts'),
  },
  'explain key': {
    summary: 'tell what a property, a variable or another name means, as the documentation says it',
    usage: 'NAME [--format text|json]',
    options: [
      'NAME  e.g. SESSION_TIMEOUT, csrfProtection, HTML5.Timeout; the last part of a path is enough',
      '--format text|json  for people (default), or for programs',
    ],
    load: () => import('./explain-key.ts'),
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
  'saml preview': {
    summary: 'show the SAML assertion that a destination would send for a user, and where each value comes from',
    usage: 'DESTINATION [--user FILE] [--signed | --json] [-w DIR]',
    options: [
      '--user FILE  claims of a user as a JSON object, or a token (JWT)',
      '--signed  the signed XML as it is, for other programs: it is a credential for ten minutes',
      '--json  for programs',
      directory,
    ],
    load: () => import('./saml-preview.ts'),
  },
  'saml check': {
    summary:
      'look whether the target will believe the assertions of a destination; tell what SuccessFactors would refuse',
    usage: 'DESTINATION [--user FILE] [--registered FILE] [--format F] [-w DIR]',
    options: [
      '--user FILE  claims of a user as a JSON object, or a token (JWT)',
      '--registered FILE  what is registered at the target: a certificate or a thumbprint, in any form',
      '--format F  table (default), json or junit',
      directory,
    ],
    load: () => import('./saml-check.ts'),
  },
  'destinations serve': {
    summary: 'serve the destinations of a working directory with the REST API of the Destination service',
    usage: '[--port P] [-w DIR]',
    options: ['--port P  where to listen, on loopback (default: 5010; 0: a free port)', destinationsDirectory],
    load: () => import('./destinations-serve.ts'),
  },
  'destinations list': {
    summary: 'list the destinations and where they come from; secrets are never shown',
    usage: '[--bound] [--json] [-w DIR]',
    options: ['--bound  also those of the bound Destination service', '--json  for programs', destinationsDirectory],
    load: () => import('./destinations-list.ts'),
  },
  'destinations check': {
    summary: 'get a token for a destination and call it, and tell which step fails and what to do',
    usage: 'NAME [--user-token T] [--path P] [-w DIR]',
    options: [
      '--user-token T  the token of a user to act for, or @FILE that holds it',
      '--path P  what to call below the URL of the destination',
      destinationsDirectory,
    ],
    load: () => import('./destinations-check.ts'),
  },
  'destinations import': {
    summary: "take destinations from a cockpit's export (JSON or Key=Value) or from a service by its service key",
    usage: 'FILE… [--bound] [--env FILE] [--force] [-w DIR]',
    options: [
      'FILE  an export, or a service key of the Destination service, whose destinations and key stores are then read',
      '--bound  from the service that VCAP_SERVICES binds',
      '--env FILE  where to write the secrets, as NAME=value; without it only the names are printed',
      '--force  replace destinations, key stores and files of the same name',
      destinationsDirectory,
    ],
    load: () => import('./destinations-import.ts'),
  },
  'destinations export': {
    summary: 'print destinations.json as a cockpit takes it, without secrets',
    usage: '[NAME…] [-w DIR]',
    options: [destinationsDirectory],
    load: () => import('./destinations-export.ts'),
  },
  'destinations key': {
    summary: 'print the service key of the embedded Destination service; it holds the secret',
    usage: '[--port P] [--vcap | --env] [-w DIR]',
    options: [
      '--port P  where the service listens (default: 5010)',
      '--vcap  as the value of VCAP_SERVICES, on one line',
      '--env  as the content of default-env.json',
      destinationsDirectory,
    ],
    load: () => import('./destinations-key.ts'),
  },
  'cert new': {
    summary: 'make a key pair with a certificate, as a key store, and tell what to register of it',
    usage:
      'NAME [--subject S] [--days N] [--bits N] [--password P] [--env FILE] [--out DIR] [--force] [--json] [-w DIR]',
    options: [
      '--subject S  e.g. "CN=portunus,O=Acme,C=DE" (default: CN=NAME)',
      '--days N  how long it is valid (default: 730)',
      '--bits N  2048 (default), 3072 or 4096',
      keyStorePassword,
      keyStoreEnv,
      keyStoreOut,
      '--force  replace files of the same name',
      '--json  for programs',
      directory,
    ],
    load: () => import('./cert-new.ts'),
  },
  'cert show': {
    summary:
      'tell what certificates and keys a file holds: .p12, .jks, PEM, DER, service keys, what SuccessFactors gives',
    usage: 'FILE [--password P] [--one-line | --json] [-w DIR]',
    options: [
      'FILE  a path, or the name of a key store in keystores/',
      '--password P  that opens it: @FILE that holds it, env:NAME, or itself',
      '--one-line  only the certificate, as it is pasted into forms',
      '--json  for programs',
      directory,
    ],
    load: () => import('./cert-show.ts'),
  },
  'cert from-successfactors': {
    summary: 'make a key store of the key pair that SuccessFactors generated, and print a destination that uses it',
    usage: 'FILE [--name NAME] [--password P] [--env FILE] [--out DIR] [--force] [-w DIR]',
    options: [
      'FILE  as it was downloaded',
      '--name NAME  of the key store (default: successfactors)',
      keyStorePassword,
      keyStoreEnv,
      keyStoreOut,
      '--force  replace files of the same name',
      directory,
    ],
    load: () => import('./cert-from-successfactors.ts'),
  },
};
