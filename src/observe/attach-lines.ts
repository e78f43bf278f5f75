import type { Settings } from '../config/settings.ts';
import type { Journal } from './log.ts';
import type { Observer } from './observer.ts';
import { writeAccessLines } from './write-access-lines.ts';
import { writeAuditLines } from './write-audit-lines.ts';

/** Attaches who writes log lines, as the settings want it. @returns detaches them, for other settings */
export function attachLines(observer: Observer, settings: Settings, journal: Journal): () => void {
  const detach = [
    ...(settings.accessLog || settings.requestTrace ? [observer.listen(writeAccessLines(journal))] : []),
    ...(settings.auditLog ? [observer.listen(writeAuditLines(journal, settings.auditClear))] : []),
  ];
  return () => {
    for (const one of detach) one();
  };
}
