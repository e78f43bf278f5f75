import { fileURLToPath } from 'node:url';
import { freePort } from '../machine/free-port.ts';
import { type Pinned, startPinned } from '../machine/start-pinned.ts';

export interface TokenService extends Pinned {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: string };
}

export interface TokenServiceOptions {
  /** Milliseconds that it takes at least to answer in the name of a user. */
  readonly delay?: number;
  /** Characters, about, that a user's token has. */
  readonly tokenSize?: number;
  /** Seconds that tokens live. Short ones come with refresh tokens. */
  readonly life?: number;
}

/** Starts the stand-in for an identity provider. */
export async function startTokenService(
  core?: number,
  { delay = 0, tokenSize = 700, life = 43_200 }: TokenServiceOptions = {},
): Promise<TokenService> {
  const port = await freePort();
  const client = { id: 'bench', secret: 'not-a-secret' };
  const started = await startPinned({
    command: [process.execPath, fileURLToPath(new URL('token-service.ts', import.meta.url))],
    env: {
      PORT: String(port),
      DELAY: String(delay),
      TOKEN_SIZE: String(tokenSize),
      LIFE: String(life),
      CLIENT_ID: client.id,
      CLIENT_SECRET: client.secret,
    },
    core,
    port,
  });
  return { ...started, issuer: `http://127.0.0.1:${port}`, client };
}
