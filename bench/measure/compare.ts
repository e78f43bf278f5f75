import path from 'node:path';
import { writeScript } from '../load/write-script.ts';
import type { Contestant } from '../peers/peer.ts';
import type { Plan } from '../plan.ts';
import type { Document } from '../world/documents.ts';
import type { World } from '../world/world.ts';
import { checkAnswer } from './check-answer.ts';
import { type Turn, takeTurn } from './take-turn.ts';

/** Turns of each contestant, by name; those at one index were taken in one round. */
export type Comparison = ReadonlyMap<string, readonly Turn[]>;

/** A turn in which others took more of a core than this share is taken again. */
const tolerated = 0.04;

/**
 * Measures contestants against each other. In each round everybody has a turn, and each round begins with another one:
 * what else the machine does meanwhile hits all of them alike, so that ratios within a round can be trusted. Turns wait
 * for a quiet machine and are taken again when somebody disturbs them, while patience lasts.
 * @param tell told about each round
 */
export async function compare(
  world: World,
  contestants: readonly Contestant[],
  document: Document,
  plan: Plan,
  tell: (line: string) => void,
): Promise<Comparison> {
  const { connections, seconds, warmUp, rounds } = plan;
  const { patience } = world;
  const scripts = new Map<Contestant, string>();
  for (const contestant of contestants) {
    const script = path.join(world.makeDirectory('load'), 'script.lua');
    writeScript(script, contestant.cookies);
    scripts.set(contestant, script);
  }
  const turnOf = (contestant: Contestant, length: number) =>
    takeTurn(world, contestant, {
      document,
      script: scripts.get(contestant) ?? '',
      connections,
      seconds: length,
    });
  const bestTurnOf = async (contestant: Contestant): Promise<Turn> => {
    await patience.untilQuiet();
    let best = await turnOf(contestant, seconds);
    while (best.disturbed > tolerated && !patience.isOver()) {
      patience.lose(seconds * 1000);
      await patience.untilQuiet();
      const again = await turnOf(contestant, seconds);
      if (again.disturbed < best.disturbed) best = again;
    }
    return best;
  };
  for (const contestant of contestants) {
    await checkAnswer(contestant, document);
    await turnOf(contestant, warmUp);
  }
  const turns = new Map<string, Turn[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const order = contestants.map((_, index) => contestants[(index + round) % contestants.length]);
    for (const contestant of order) {
      if (contestant !== undefined) turns.get(contestant.name)?.push(await bestTurnOf(contestant));
    }
    tell(`${document.path}: round ${round + 1} of ${rounds}`);
  }
  return turns;
}
