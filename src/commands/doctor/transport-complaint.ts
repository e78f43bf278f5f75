import { Complaint } from './step.ts';

interface Row {
  readonly codes: RegExp;
  readonly cause: string;
  /** `@` stands for the property that names the address. */
  readonly cure: string;
}

/** What the codes of the resolver, the socket and OpenSSL mean to who has to mend it. */
const table: readonly Row[] = [
  { codes: /^(ENOTFOUND|EAI_\w+)$/, cause: 'the name cannot be resolved', cure: 'Check the host in @, and DNS.' },
  { codes: /^ECONNREFUSED$/, cause: 'nothing listens there', cure: 'Check host and port of @, and whether it runs.' },
  {
    codes: /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    cause: 'it cannot be reached',
    cure: 'Look at network and firewall; if a proxy is needed, set HTTPS_PROXY.',
  },
  {
    codes: /^PROXY_407$/,
    cause: 'the proxy wants a user and password',
    cure: 'Put them into HTTPS_PROXY: http://user:password@proxy.example:8080.',
  },
  {
    codes: /^PROXY_\d+$/,
    cause: 'the proxy refuses the tunnel',
    cure: 'Have the host of @ allowed there, or name it in NO_PROXY.',
  },
  {
    codes: /ALERT/,
    cause: 'it ends the TLS handshake: it may want a client certificate',
    cure: 'Name one in tokenService.KeyStoreLocation (token service) or with ClientCertificateAuthentication (target).',
  },
  {
    codes: /SSL|TLS|EPROTO|ECONNRESET/,
    cause: 'the TLS handshake fails',
    cure: 'Check scheme and port of @.',
  },
];

/** @param property that names the address, e.g. `URL` */
export function transportComplaint(cause: unknown, property: string): Complaint {
  const { code = 'unknown' } = cause as { code?: string };
  const row = table.find(({ codes }) => codes.test(code));
  return new Complaint(`${row?.cause ?? 'the connection fails'} (${code})`, row?.cure.replaceAll('@', property));
}
