import type { Cores } from './cores.ts';
import { timeSpentOn } from './time-spent.ts';

/** Time to lose to others on the machine, for a whole run. */
export interface Patience {
  /** Waits until the machine has nothing else to do; at once when patience is over. */
  untilQuiet(): Promise<void>;
  /** Something came to nothing. @param milliseconds that it took */
  lose(milliseconds: number): void;
  isOver(): boolean;
}

/** Milliseconds of one look, and the share of a core that may be in use then. */
const look = 200;
const murmur = 0.1;

/** @param seconds 0: never waits */
export function createPatience(cores: Cores, seconds: number): Patience {
  const spent = () => timeSpentOn(cores.router) + timeSpentOn(cores.rest);
  let left = seconds * 1000;
  return {
    async untilQuiet() {
      while (left > 0) {
        const before = spent();
        await new Promise((go) => setTimeout(go, look));
        if (spent() - before <= (murmur * look) / 1000) return;
        left -= look;
      }
    },
    lose(milliseconds) {
      left -= milliseconds;
    },
    isOver: () => left <= 0,
  };
}
