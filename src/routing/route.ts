import type { Replacement } from './replacement.ts';
import type { ScopeRule } from './scope-rule.ts';
import type { Template } from './template.ts';

/** One entry of xs-app.json, compiled: everything a request needs to know of it, frozen. */
export interface Route {
  /** Where it stands, for messages: `routes/3`. */
  readonly name: string;
  readonly source: RegExp;
  /** undefined: any method. */
  readonly methods: ReadonlySet<string> | undefined;
  /** Template that replaces what `source` matched; undefined: nothing is rewritten. */
  readonly target: string | undefined;
  /** The same, taken apart; undefined where there is none, or it has to be read anew each time. */
  readonly template: Template | undefined;
  readonly to: RouteEnd;
  readonly access: Access;
  /** The destination is the provider's, whoever the user is (multitenancy). */
  readonly preferLocal: boolean;
  /** Milliseconds until the upstream must have begun to answer; undefined: as its destination says. */
  readonly timeout: number | undefined;
  /** Backend session cookies go to the browser instead of being kept (xs-app.md 8.2). */
  readonly setBackendSessionCookies: boolean;
}

/** Where a route leads. */
export type RouteEnd =
  | { readonly kind: 'destination'; readonly name: string }
  /** The name is made of the groups of `source` (xs-app.md 3.5). */
  | { readonly kind: 'dynamic-destination'; readonly template: string }
  /** The name is the first group of DESTINATION_HOST_PATTERN on the host. */
  | { readonly kind: 'host-destination'; readonly pattern: RegExp }
  | {
      readonly kind: 'local-dir';
      readonly root: string;
      readonly cacheControl: string | undefined;
      readonly replacement: Replacement | undefined;
    }
  | { readonly kind: 'user-api' };

/** What a caller needs in order to pass. */
export type Access =
  | { readonly kind: 'public' }
  | {
      readonly kind: 'login';
      /** Name of the configured provider that logs people in, where nobody chooses. */
      readonly provider: string;
      /** Names of the providers whose logins count; several: people choose (PORTUNUS_LOGIN_CHOOSER). */
      readonly accepts: readonly string[];
      /** The route names no provider: that of the host counts, where it has one (PORTUNUS_PROVIDER_OF_HOST). */
      readonly hostDecides: boolean;
      /** How a caller who is not logged in proves itself: by the provider's page, or by HTTP Basic at once. */
      readonly by: 'redirect' | 'basic';
      /** Handed to the provider as parameter `idp`. */
      readonly identityProvider: string | undefined;
      /** The query parameter `sap_idp` is read, and taken out before rewriting. */
      readonly readsSapIdp: boolean;
      readonly csrf: boolean;
      readonly scopes: ScopeRule;
    };

/** A route, and the request's way to it. */
export interface Match {
  readonly route: Route;
  /** Groups of `source`, the whole match first. */
  readonly groups: RegExpExecArray;
}
