import type { LandscapeUser } from '../landscape/users.ts';
import { makeBrowser } from './browser.ts';
import { type Flow, refusedFlows, workingFlows } from './flows.ts';
import { take } from './step.ts';
import { visit } from './visit.ts';

/**
 * Walks every flow of a running demo as browsers would, and tells the outcome of each in a line.
 * @param router origin of the router
 * @returns whether everything worked
 */
export async function checkDemo(router: string, tell: (line: string) => void): Promise<boolean> {
  const begun = performance.now();
  let taken = 0;
  let failed = 0;
  for (const [user, flows] of byUser([...workingFlows, ...refusedFlows])) {
    const browser = makeBrowser();
    for (const step of visit(browser, router, user, flows)) {
      const { worked, told } = await take(step);
      taken += 1;
      if (!worked) failed += 1;
      tell(told);
    }
    await browser.close();
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  tell(failed === 0 ? `all ${taken} worked (${seconds} s)` : `${failed} of ${taken} failed (${seconds} s)`);
  return failed === 0;
}

function byUser(flows: readonly Flow[]): ReadonlyMap<LandscapeUser, readonly Flow[]> {
  return Map.groupBy(flows, ({ user }) => user);
}
