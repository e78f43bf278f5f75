import type { Hooks } from './hooks.ts';
import type { Calls } from './http/calls.ts';
import type { KeyStore, LandscapeKeys } from './keys/make-keys.ts';
import type { LandscapeUser } from './users.ts';

/** Everything a client, a test or the demo needs to know of a running landscape. Frozen. */
export interface Landscape {
  readonly entra: EntraLandscape;
  readonly graph: GraphLandscape;
  readonly successFactors: SuccessFactorsLandscape;
  readonly ias: IasLandscape;
  readonly costCenters: CostCentersLandscape;
  readonly users: readonly LandscapeUser[];
  /** All key pairs, the services' own included: tests forge and re-issue with them. */
  readonly keys: LandscapeKeys;
  readonly hooks: Hooks;
  readonly calls: Calls;
  /** Stops every server and drops its connections. */
  stop(): Promise<void>;
}

export interface EntraLandscape {
  /** `http://localhost:PORT`. */
  readonly origin: string;
  /** GUID. */
  readonly tenant: string;
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly logoutUrl: string;
  readonly keysUrl: string;
  readonly discoveryUrl: string;
  /** The confidential application that people sign in to: the router's registration. */
  readonly client: {
    readonly id: string;
    readonly secret: string;
    readonly secretId: string;
    readonly expiredSecret: string;
    readonly appIdUri: string;
    /** Makes the access token a JWT whose audience is this client. */
    readonly scope: string;
    /** Registered for client assertions; `keyId` names it as `kid`, too. */
    readonly certificate: KeyStore;
    readonly keyId: string;
  };
  /** Another confidential application, with an API of its own. */
  readonly otherClient: { readonly id: string; readonly secret: string; readonly appIdUri: string };
  readonly publicClient: { readonly id: string };
  readonly disabledClient: { readonly id: string };
}

export interface GraphLandscape {
  readonly origin: string;
  /** Service root, `http://localhost:PORT/v1.0`. */
  readonly url: string;
  /** Identifier of the resource: `aud` of its tokens. */
  readonly resource: string;
  readonly defaultScope: string;
}

export interface SuccessFactorsLandscape {
  readonly origin: string;
  readonly tokenUrl: string;
  /** OData root, `http://localhost:PORT/odata/v2`. */
  readonly url: string;
  readonly apiKey: string;
  readonly companyId: string;
  readonly audience: string;
  /** Registered for signing assertions. */
  readonly signing: KeyStore;
}

export interface IasLandscape {
  /** `https://localhost:PORT`; also the issuer. */
  readonly origin: string;
  readonly issuer: string;
  readonly tenantId: string;
  readonly tokenUrl: string;
  readonly keysUrl: string;
  /** PEM of the authority that issued the server's certificate and the client's. */
  readonly certificateAuthority: string;
  readonly client: {
    readonly id: string;
    readonly secret: string;
    /** Registered by subject and issuer. */
    readonly certificate: KeyStore;
    /** `resource` that names the cost centers API. */
    readonly costCentersResource: string;
  };
  /** Registered with secrets only, and without jwt-bearer. */
  readonly plainClient: { readonly id: string; readonly secret: string };
  readonly publicClient: { readonly id: string };
}

export interface CostCentersLandscape {
  readonly origin: string;
  /** The list, `https://localhost:PORT/cost-centers`. */
  readonly url: string;
  /** Client id of the API in IAS: `aud` of its tokens. */
  readonly clientId: string;
}
