import type { Express } from 'express';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config/config.ts';
import { ConfigError, Problems, tellProblem } from '../../src/errors/config-error.ts';
import { buildHouse, type House } from '../../src/house.ts';
import type { Party } from '../../src/login/keep-parties.ts';
import { atEnd } from './at-end.ts';
import { type FakeParty, type FakeUser, fakeParty, loginOrigin } from './fake-party.ts';
import { type RecordingLog, recordingLog } from './recording-log.ts';
import { type Files, workingDirectory } from './working-directory.ts';

/** What a router is configured with, as its owner would write it. */
export interface Setup {
  /** An object, or the text of the file; undefined: there is no file. */
  readonly xsApp?: unknown;
  /** Values that are no text are written as JSON. */
  readonly env?: Readonly<Record<string, unknown>>;
  /** Further files of the working directory. */
  readonly files?: Files;
  /** A working directory that is there already. */
  readonly directory?: string;
}

export interface Made {
  readonly house: House;
  readonly app: Express;
  readonly log: RecordingLog;
  readonly directory: string;
}

/** Binding of an XSUAA; nothing is ever sent to it, for `loginHouse` puts a fake in its place. */
export const xsuaaBinding = {
  xsuaa: [
    {
      name: 'uaa',
      label: 'xsuaa',
      tags: ['xsuaa'],
      credentials: { url: loginOrigin, clientid: 'sb-harbour', clientsecret: 'hush', xsappname: 'harbour!t7' },
    },
  ],
};

/** Builds the house of a working directory exactly as the start does. @throws ConfigError */
export async function makeHouse(setup: Setup): Promise<Made> {
  const directory = directoryOf(setup);
  const problems = new Problems();
  const config = await readConfig(directory, problems, variablesOf(setup));
  const log = recordingLog();
  const house = buildHouse(config, log, problems);
  atEnd(() => house.close());
  return { house, app: buildApp(house), log, directory };
}

export interface LoginHouse extends Made {
  readonly party: FakeParty;
}

/** A house whose XSUAA is a fake without network: the code of a callback is the name of a user. */
export async function loginHouse(setup: Setup, users: Readonly<Record<string, FakeUser>> = {}): Promise<LoginHouse> {
  const env = { VCAP_SERVICES: xsuaaBinding, ...setup.env };
  const made = await makeHouse({ ...setup, env });
  const party = fakeParty('xsuaa', users);
  const parties = made.house.parties as Map<string, Party>;
  parties.set('xsuaa', { ...(parties.get('xsuaa') as Party), party });
  return { ...made, party };
}

/** What a start says of a configuration, one line a problem, as on the terminal. */
export interface Verdict {
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

export async function startVerdict(setup: Setup): Promise<Verdict> {
  const problems = new Problems();
  const config = await readConfig(directoryOf(setup), problems, variablesOf(setup));
  try {
    const house = buildHouse(config, recordingLog(), problems);
    atEnd(() => house.close());
    return { problems: [], warnings: problems.warnings.map(tellProblem) };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return { problems: cause.problems.map(tellProblem), warnings: problems.warnings.map(tellProblem) };
  }
}

function directoryOf({ xsApp, files = {}, directory }: Setup): string {
  if (directory !== undefined) return directory;
  return workingDirectory(xsApp === undefined ? files : { ...files, 'xs-app.json': xsApp });
}

function variablesOf({ env = {} }: Setup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  );
}
