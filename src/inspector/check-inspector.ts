import { isLoopback } from '../config/loopback.ts';
import type { Settings } from '../config/settings.ts';
import type { Problems } from '../errors/config-error.ts';

/**
 * The inspector shows what users' tokens say to whoever can open it: it is for a developer's own machine, and there is no
 * switch to have it elsewhere. Where a platform's router speaks from the very machine, its peer says nothing.
 */
export function checkInspector(settings: Settings, problems: Problems): void {
  if (settings.inspector === 'off') return;
  const { bindAddress, vcapApplication } = settings;
  if (bindAddress === undefined || !isHere(bindAddress))
    problems.add(
      'PORTUNUS_INSPECTOR',
      '',
      'is for a machine of your own: set XS_BIND_ADDRESS=127.0.0.1 too, or take PORTUNUS_INSPECTOR away',
    );
  if (vcapApplication !== undefined)
    problems.add('PORTUNUS_INSPECTOR', '', 'is not for Cloud Foundry: take it away (VCAP_APPLICATION is set)');
}

function isHere(address: string): boolean {
  return isLoopback(address) || address === '::1';
}
