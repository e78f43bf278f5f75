import { isLoopback } from '../config/loopback.ts';
import type { Properties } from './properties.ts';
import { readUrl } from './read-url.ts';
import { isTenantName } from './tenant-name.ts';
import type { Tenancy } from './token-service.ts';

/** Where a token service is. */
export interface TokenAddress {
  readonly url: URL;
  readonly endpoint: string;
  readonly tenancy: Tenancy | undefined;
}

/** Stands for the tenant while the address is checked: a name that no address holds by itself. */
const standIn = 'tenant-7c1d0f';
const placeholder = '{tenant}';

/** Reads `tokenServiceURL`, its type and its queries (destination-service.md 2.3, 2.4). */
export function readTokenUrl(p: Properties): TokenAddress {
  const common = readType(p) === 'Common';
  const configured = readTenant(p, common);
  const filled = (text: string) => (common ? withPlaceholder(text).replaceAll(placeholder, standIn) : text);
  const why = 'give the whole URL of the token endpoint';
  const url = readUrl(p, 'tokenServiceURL', why, { query: true, change: filled });
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    p.problem('tokenServiceURL', 'must be https: secrets and tokens travel there (http is for loopback only)');
  }
  if (!common && p.text('tokenServiceURL')?.includes(placeholder))
    p.problem('tokenServiceURLType', `must be Common: tokenServiceURL has a place for the tenant (${placeholder})`);
  const endpoint = filled(p.text('tokenServiceURL')?.trim() ?? '').split('?', 1)[0] ?? '';
  addQueries(p, url);
  const open = (text: string) => text.replaceAll(standIn, placeholder);
  const tenancy = common ? { template: open(url.href), configured } : undefined;
  return { url, endpoint: common ? open(endpoint) : endpoint, tenancy };
}

/** A token exchange is of no tenant (section 2.3), unless the address has a place for one all the same. */
function readType(p: Properties): 'Dedicated' | 'Common' {
  const type = p.oneOf('tokenServiceURLType', ['Dedicated', 'Common']);
  const isExchange = p.text('Authentication')?.trim() === 'OAuth2TokenExchange';
  if (type === 'Dedicated' || !isExchange || p.text('tokenServiceURL')?.includes(placeholder)) return type;
  p.warn('tokenServiceURLType', 'has no effect: OAuth2TokenExchange goes to tokenServiceURL as it stands');
  return 'Dedicated';
}

/** Without a place for it the tenant goes in front of the host (section 2.4). */
function withPlaceholder(text: string): string {
  return text.includes(placeholder) ? text : text.replace('://', `://${placeholder}.`);
}

function readTenant(p: Properties, common: boolean): string | undefined {
  const tenant = p.text('tokenServiceURL.tenant')?.trim();
  if (tenant === undefined) return undefined;
  if (!isTenantName(tenant)) p.problem('tokenServiceURL.tenant', 'must be a subdomain: letters, digits and "-"');
  else if (!common) p.warn('tokenServiceURL.tenant', 'has no effect; it goes with tokenServiceURLType Common');
  return tenant;
}

/** `tokenService.queries.*` does not exist, but is what everybody writes first (section 8 #12). */
function addQueries(p: Properties, url: URL): void {
  const misnamed = p.family('tokenService.queries.');
  for (const name of Object.keys(misnamed)) {
    const message = `is taken for tokenServiceURL.queries.${name}; the Destination service knows only that one`;
    p.warn(`tokenService.queries.${name}`, message);
  }
  const queries = { ...misnamed, ...p.family('tokenServiceURL.queries.') };
  for (const [name, value] of Object.entries(queries)) url.searchParams.set(name, value);
}
