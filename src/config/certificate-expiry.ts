import type { X509Certificate } from 'node:crypto';

const day = 86_400_000;
const noticeDays = 30;

/**
 * What there is to say about a certificate's age, or undefined when it has more than 30 days to live.
 * A warning and no error: the peer decides, and its refusal is decoded when it comes.
 * @param now milliseconds since the epoch
 */
export function expiryWarning(certificate: X509Certificate, now: number): string | undefined {
  const end = Date.parse(certificate.validTo);
  const begin = Date.parse(certificate.validFrom);
  if (end <= now) return `the certificate expired on ${date(end)}; renew it`;
  if (begin > now) return `the certificate is not valid before ${date(begin)}`;
  const days = Math.floor((end - now) / day);
  if (days >= noticeDays) return undefined;
  return `the certificate expires in ${days} ${days === 1 ? 'day' : 'days'} (${date(end)}); renew it in time`;
}

function date(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
