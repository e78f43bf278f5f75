import { isLoopback } from '../config/loopback.ts';
import type { Log } from './log.ts';

/** Says where metrics and health are; loudly, where more than this machine can reach them (T-43). */
export function tellAdminPort(log: Log, address: string, port: number): void {
  log.notice(`metrics and health at http://${address}:${port}/metrics`);
  if (!isLoopback(address) && address !== '::1')
    log.warning(`PORTUNUS_ADMIN_ADDRESS=${address}: whoever reaches port ${port} sees the metrics, without a login`);
}
