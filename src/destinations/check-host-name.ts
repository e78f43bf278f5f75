import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Which names of a certificate are good for a host. `strict`: RFC 9525 6.3, a wildcard stands for one label.
 * `browser-compatible`: it stands for any number of them, `*.example.com` is good for `a.b.example.com`
 * (destination-service.md 2.1, HostnameVerifier).
 */
export type HostNames = 'strict' | 'browser-compatible';

/** Checks a server's certificate in the second way; a wildcard still needs two labels behind it. @returns what is wrong */
export function checkHostNameLoosely(host: string, certificate: PeerCertificate): Error | undefined {
  const error = checkServerIdentity(host, certificate);
  if (error === undefined) return undefined;
  const names = certificate.subjectaltname?.split(', ') ?? [];
  const matches = names.some((name) => {
    const domain = /^DNS:\*(\.[^*.]+\.[^*]*[^*.])$/.exec(name)?.[1];
    return domain !== undefined && host.toLowerCase().endsWith(domain.toLowerCase());
  });
  return matches ? undefined : error;
}
