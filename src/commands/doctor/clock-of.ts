import type { TokenService } from '../../destinations/token-service.ts';
import { lineTo } from '../../tokens/token-service-pool.ts';
import { judgeClock } from './judge-clock.ts';
import { type Finding, skipped } from './step.ts';

/**
 * What time it is at a token service. HEAD: nothing is asked for, and whatever it answers has a date.
 * @param limit milliseconds
 */
export async function clockOf(tokenService: TokenService, limit: number): Promise<Finding> {
  const { url } = tokenService;
  const begin = Date.now();
  try {
    const { headers, body } = await lineTo(tokenService).pool.request({
      origin: url.origin,
      path: url.pathname,
      method: 'HEAD',
      headersTimeout: limit,
    });
    await body.dump();
    return judgeClock(headers['date']?.toString(), begin, Date.now());
  } catch {
    return skipped('it does not answer HEAD');
  }
}
