import { createHash } from 'node:crypto';
import type { AuditedUser } from './audit-event.ts';
import type { Journal } from './log.ts';
import type { Listener } from './observer.ts';

/**
 * One line an audit event (PORTUNUS_AUDIT_LOG). The reference router masks user and address with asterisks where it writes
 * to the console (xs-app.md 8.9); so do we, with a hash by which the lines of one user still find together.
 */
export function writeAuditLines(log: Pick<Journal, 'audit'>, clear: boolean): Listener {
  const shown = clear ? (text: string) => text : masked;
  const address = clear ? (text: string) => text : maskedAddress;
  return {
    followsRequests: false,
    hear(event) {
      if (event.kind !== 'audit') return;
      const { audit, origin } = event;
      const user = 'user' in audit ? audit.user : undefined;
      log.audit({
        audit: audit.event,
        provider: user?.provider ?? ('provider' in audit ? audit.provider : undefined),
        user: user && shown(user.subject),
        user_hash: user && hashOf(user),
        by: 'by' in audit ? audit.by : undefined,
        reason: 'reason' in audit ? audit.reason : undefined,
        id: origin?.id,
        correlation_id: origin?.correlationId,
        method: origin?.method,
        route: origin?.route,
        peer: origin && address(origin.peer),
      });
    },
  };
}

/** The first two characters, where that leaves most of it hidden. */
function masked(text: string): string {
  return text.length > 6 ? `${text.slice(0, 2)}******` : '********';
}

/** The network part of an address stays: half of an IPv4 address, the first two groups of an IPv6 one. */
function maskedAddress(address: string): string {
  const bare = address.replace(/^::ffff:/, '');
  const parts = bare.split('.');
  if (parts.length === 4) return `${parts[0]}.${parts[1]}.*.*`;
  return `${bare.split(':').slice(0, 2).join(':')}:*`;
}

function hashOf({ provider, subject }: AuditedUser): string {
  return createHash('sha256').update(`${provider}\0${subject}`).digest('hex').slice(0, 16);
}
