import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Request, Response } from 'express';
import type { XsApp } from '../config/xs-app/xs-app-schema.ts';

/** A configuration of its own for some requests (xs-app.md section 11): what `createRouterConfig` gives and `getRouterConfig` returns. */
export interface RouterConfig {
  readonly kind: 'router configuration';
}

/** What such a configuration says otherwise than the router's own. */
export interface RouterConfigOptions {
  /** Replaces `$XSAPPNAME`; default: that of the binding. */
  readonly xsappname?: string;
  /** Of which `welcomeFile`, `logout.logoutEndpoint`, `logout.logoutPage`, `routes`, `websockets` and `errorPage` count. */
  readonly xsappConfig: object;
  /** As the variable `destinations`, in whose place they stand. */
  readonly destinations?: readonly object[];
}

/** Chooses the configuration of a request; null: the usual one. */
export type GetRouterConfig = (
  request: IncomingMessage,
  callback: (error?: unknown, config?: RouterConfig | null) => void,
) => unknown;

/** Configurations by what stands for them outside. */
export interface RouterConfigs {
  add(serve: RequestListener, close: () => Promise<void>): RouterConfig;
  /** A listener that asks for each request which configuration is meant. */
  choosing(
    ask: GetRouterConfig | undefined,
    usual: RequestListener,
    fail: (error: unknown, request: Request, response: Response) => void,
  ): RequestListener;
  close(): Promise<void>;
}

export function createRouterConfigs(): RouterConfigs {
  const known = new WeakMap<RouterConfig, RequestListener>();
  const closing: (() => Promise<void>)[] = [];
  return {
    add(serve, close) {
      const config: RouterConfig = Object.freeze({ kind: 'router configuration' });
      known.set(config, serve);
      closing.push(close);
      return config;
    },
    choosing(ask, usual, answer) {
      if (ask === undefined) return usual;
      // The server makes them what the app takes them for (src/server.ts).
      const fail = answer as (error: unknown, request: IncomingMessage, response: ServerResponse) => void;
      return (request, response) => {
        let waiting = true;
        const chosen = (error?: unknown, config?: RouterConfig | null) => {
          if (!waiting) return;
          waiting = false;
          const serve = config === null || config === undefined ? usual : known.get(config);
          if (error) fail(error, request, response);
          else if (serve === undefined)
            fail(new TypeError('getRouterConfig gave nothing that createRouterConfig has made'), request, response);
          else serve(request, response);
        };
        (async () => ask(request, chosen))().catch((cause) => chosen(cause ?? new Error('getRouterConfig failed')));
      };
    },
    async close() {
      await Promise.all(closing.map((close) => close()));
    },
  };
}

/** Environment and xs-app.json of such a configuration: the router's own, with what is said otherwise laid over it. */
export function layOver(
  variables: Readonly<Record<string, string | undefined>>,
  base: XsApp,
  { xsappname, xsappConfig, destinations }: RouterConfigOptions,
) {
  const text = JSON.stringify(xsappConfig);
  // As a JSON string's inside: the name stands in strings.
  const named = xsappname === undefined ? text : text.replaceAll('$XSAPPNAME', JSON.stringify(xsappname).slice(1, -1));
  const { welcomeFile, logout, routes, websockets, errorPage, ...unused } = JSON.parse(named) as Record<
    string,
    unknown
  >;
  const said = { welcomeFile, routes, websockets, errorPage };
  const xsApp = { ...base, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
  const { logoutEndpoint, logoutPage } = (logout ?? {}) as Record<string, unknown>;
  return {
    variables: destinations === undefined ? variables : { ...variables, destinations: JSON.stringify(destinations) },
    xsApp:
      logout === undefined
        ? xsApp
        : {
            ...xsApp,
            logout: {
              ...base.logout,
              ...(logoutEndpoint === undefined ? {} : { logoutEndpoint }),
              ...(logoutPage === undefined ? {} : { logoutPage }),
            },
          },
    /** Properties that do not count. */
    unused: Object.keys(unused),
  };
}
