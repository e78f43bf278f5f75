import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { expiryWarning } from '../../config/certificate-expiry.ts';
import { Complaint, type Finding } from './step.ts';

interface Row {
  readonly codes: RegExp;
  readonly cause: string;
  readonly cure: string;
}

const table: readonly Row[] = [
  {
    codes: /^CERT_HAS_EXPIRED$/,
    cause: 'a certificate of the chain has expired',
    cure: 'It must be renewed there; check the clock here.',
  },
  {
    codes: /^CERT_NOT_YET_VALID$/,
    cause: 'a certificate of the chain is not valid yet',
    cure: 'Check the clock here.',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    cause: 'the certificate is for another host name',
    cure: 'Use a name that the certificate is for.',
  },
  {
    codes: /./,
    cause: 'the issuer is not trusted',
    cure: "Put the issuer's certificate into keystores/ and name it in TrustStoreLocation, or into XS_CACERT_PATH for all.",
  },
];

/**
 * Judges what a server has shown in the handshake, all the way to its root: who it is, whether that is believed, and until
 * when.
 * @param verified false: TrustAll is set, and nobody would notice
 * @param now milliseconds since the epoch
 * @throws Complaint when a connection of the router would be refused
 */
export function judgeCertificate(socket: TLSSocket, verified: boolean, now: number): Finding {
  const chain = chainOf(socket);
  const [leaf] = chain;
  if (leaf === undefined) throw new Complaint('the server shows no certificate');
  const name = (text: string) => /(?:^|\n)CN=(.*)/.exec(text ?? '')?.[1] ?? (text ?? '').replaceAll('\n', ', ');
  const told = `${socket.getProtocol()}, ${name(leaf.subject)} by ${name(leaf.issuer)}, until ${day(leaf.validTo)}`;
  // Node gives a code, or for some faults an Error with one.
  const fault: unknown = socket.authorizationError;
  if (!socket.authorized && fault) {
    const code = String((fault as { code?: string }).code ?? fault);
    const { cause, cure } = table.find(({ codes }) => codes.test(code)) as Row;
    if (verified) throw new Complaint(`${cause} (${code}): ${told}`, cure);
    return {
      outcome: 'warning',
      told: `${told}; not verified, and ${cause} (${code})`,
      cure: `TrustAll takes any certificate: anybody could stand there. ${cure}`,
    };
  }
  for (const certificate of chain) {
    const warning = expiryWarning(certificate, now);
    if (warning) return { outcome: 'warning', told: `${told}; ${name(certificate.subject)}: ${warning}` };
  }
  return { outcome: 'ok', told: `${told} (chain of ${chain.length})` };
}

function chainOf(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let next = socket.getPeerX509Certificate();
  while (next !== undefined && !chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function day(time: string): string {
  return new Date(time).toISOString().slice(0, 10);
}
