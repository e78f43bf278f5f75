import { ConfidentialClientApplication, type Configuration, type INetworkModule } from '@azure/msal-node';
import type { KeyStore } from '../../../../demo/landscape/keys/make-keys.ts';
import type { Landscape } from '../../../../demo/landscape/landscape.ts';

/** What Microsoft's own library sent to the token endpoint. */
export interface Sent {
  readonly form: URLSearchParams;
  readonly status: number;
}

export interface Msal {
  readonly application: ConfidentialClientApplication;
  readonly sent: readonly Sent[];
}

/**
 * msal-node as an application of the landscape's directory. It insists on https for its authority and the issuer, and
 * the directory speaks plain http on loopback: so discovery is fetched from there and its issuer told with https. The
 * token endpoint is the one the metadata name, and nothing that is sent there is changed.
 */
export function openMsal(landscape: Landscape, proof: Partial<Configuration['auth']>): Msal {
  const { origin, tenant, client } = landscape.entra;
  const secured = origin.replace('http:', 'https:');
  const sent: Sent[] = [];
  const exchange = async (url: string, init: RequestInit) => {
    const response = await fetch(url.replace(secured, origin), init);
    const headers: Record<string, string> = {};
    for (const [name, value] of response.headers) headers[name] = value;
    return { status: response.status, headers, body: (await response.json()) as never };
  };
  const networkClient: INetworkModule = {
    async sendGetRequestAsync(url, options) {
      const answer = await exchange(url, { headers: options?.headers ?? {} });
      const metadata: Record<string, unknown> = answer.body;
      return { ...answer, body: { ...metadata, issuer: String(metadata['issuer']).replace(origin, secured) } as never };
    },
    async sendPostRequestAsync(url, options) {
      const answer = await exchange(url, {
        method: 'POST',
        headers: options?.headers ?? {},
        body: options?.body ?? '',
      });
      sent.push({ form: new URLSearchParams(options?.body), status: answer.status });
      return answer;
    },
  };
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: client.id,
      authority: `${secured}/${tenant}`,
      knownAuthorities: [new URL(origin).host],
      ...proof,
    },
    system: { networkClient },
  });
  return { application, sent };
}

/** A certificate as msal-node wants it described. */
export function certificateFor(
  { keys, thumbprints }: Pick<KeyStore, 'keys' | 'thumbprints'>,
  digest: 'sha1' | 'sha256',
) {
  const hex = (base64url: string) => Buffer.from(base64url, 'base64url').toString('hex');
  return {
    clientCertificate: {
      privateKey: keys.privatePem,
      ...(digest === 'sha1' ? { thumbprint: hex(thumbprints.x5t) } : { thumbprintSha256: hex(thumbprints.x5tS256) }),
    },
  };
}
