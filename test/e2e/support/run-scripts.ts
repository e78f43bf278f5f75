import { createContext, runInContext } from 'node:vm';

/** What the scripts of a page did. */
export interface Deeds {
  /** As `Set-Cookie` lines. */
  readonly cookies: readonly string[];
  /** Where they sent the browser. */
  readonly location: URL | undefined;
}

/**
 * Runs the scripts of a page as a browser would: a script ends at the first `</script`, whatever stands around it, and
 * with a policy it runs only when it carries the policy's nonce (CSP 3, 6.7.3.3).
 * @param policy value of Content-Security-Policy
 */
export function runScripts(html: string, policy: string | undefined, url: URL): Deeds {
  const cookies: string[] = [];
  let location: URL | undefined;
  const go = (to: string) => {
    location = new URL(to, url);
  };
  const page = createContext({
    document: {
      set cookie(line: string) {
        cookies.push(line);
      },
    },
    location: Object.freeze({ href: url.href, hash: url.hash, replace: go, assign: go }),
    encodeURIComponent,
  });
  for (const [, attributes = '', code = ''] of html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script/gi)) {
    const nonce = /\bnonce="([^"]*)"/.exec(attributes)?.[1];
    if (policy === undefined || (nonce && policy.includes(`'nonce-${nonce}'`))) runInContext(code, page);
  }
  return { cookies, location };
}
