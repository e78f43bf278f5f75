import { makeClock } from './clock.ts';
import { openEntra } from './entra/open-entra.ts';
import { openGraph } from './graph/open-graph.ts';
import type { Hooks } from './hooks.ts';
import { makeCallRecorder } from './http/calls.ts';
import { type OpenServers, openServers } from './http/open-servers.ts';
import { openIas } from './ias/open-ias.ts';
import { makeLandscapeKeys } from './keys/make-keys.ts';
import type { Landscape } from './landscape.ts';
import { completeOptions, type LandscapeOptions } from './landscape-options.ts';
import { openSuccessFactors } from './successfactors/open-successfactors.ts';
import type { Surroundings } from './surroundings.ts';
import { allUsers } from './users.ts';

/**
 * Starts the whole landscape on loopback: Entra ID with an OpenID Provider, Graph, SuccessFactors, IAS and an API
 * that IAS protects. Keys are made in memory; nothing is written. Rejects when a wanted port is taken.
 */
export async function startLandscape(options: LandscapeOptions = {}): Promise<Landscape> {
  const keys = options.keys ?? (await makeLandscapeKeys());
  const complete = completeOptions(options);
  const servers = await openServers(keys, complete.ports);
  try {
    const { origins } = servers;
    const recorder = makeCallRecorder();
    return furnish(servers, { clock: makeClock(), keys, users: allUsers, recorder, options: complete, origins });
  } catch (problem) {
    await servers.stop();
    throw problem;
  }
}

function furnish(servers: OpenServers, surroundings: Surroundings): Landscape {
  const { clock, keys, users, recorder } = surroundings;
  const entra = openEntra(surroundings);
  const graph = openGraph(surroundings);
  const successFactors = openSuccessFactors(surroundings);
  const ias = openIas(surroundings);
  servers.serve('entra', entra.handler);
  servers.serve('graph', graph.handler);
  servers.serve('successFactors', successFactors.handler);
  servers.serve('ias', ias.handler);
  servers.serve('costCenters', ias.costCentersHandler);
  const hooks: Hooks = Object.freeze({
    clock,
    entra: entra.hooks,
    graph: graph.hooks,
    successFactors: successFactors.hooks,
    ias: ias.hooks,
    reset: () => {
      clock.reset();
      entra.hooks.setPolicy(undefined);
      graph.reset();
      successFactors.reset();
      ias.hooks.unlock();
    },
  });
  return Object.freeze({
    entra: entra.landscape,
    graph: graph.landscape,
    successFactors: successFactors.landscape,
    ias: ias.landscape,
    costCenters: ias.costCenters,
    users,
    keys,
    hooks,
    calls: recorder.calls,
    stop: servers.stop,
  });
}
