import type { ServerOptions as HttpsOptions } from 'node:https';
import type { Extensions } from '../extensions.ts';
import type { GetRouterConfig } from './router-configs.ts';

/** What a start script may bring along instead of files. */
export interface OwnParts {
  readonly extensions?: Extensions;
  readonly xsApp?: object | undefined;
  /** Serves HTTPS only. */
  readonly httpsOptions?: HttpsOptions | undefined;
  readonly getRouterConfig?: GetRouterConfig | undefined;
}
