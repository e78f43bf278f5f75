import type { Settings } from '../config/settings.ts';
import type { Gauged } from './count-metrics.ts';
import type { Observer } from './observer.ts';
import type { AdminPort } from './serve-admin.ts';

/** Opens the port for metrics and health, where PORTUNUS_ADMIN_PORT wants one; else nothing of it is loaded. */
export async function openAdminPort(
  observer: Observer,
  { adminPort: port, adminAddress: address }: Settings,
  gauged: Gauged,
  readiness: () => string,
): Promise<AdminPort | undefined> {
  if (port === undefined) return undefined;
  const [{ countMetrics }, { serveAdmin }] = await Promise.all([
    import('./count-metrics.ts'),
    import('./serve-admin.ts'),
  ]);
  const metrics = countMetrics(gauged);
  observer.listen(metrics);
  return serveAdmin({ port, address, metrics, readiness });
}
