import type { Target } from '../destinations/read-target.ts';
import { AppError } from '../errors/app-error.ts';
import { type Trouble, troubleOf, troubleTold } from '../errors/transport-trouble.ts';
import type { Route } from '../routing/route.ts';

type Limits = Pick<Target, 'name' | 'timeout' | 'connectTimeout' | 'idleTimeout' | 'proxy'>;
/** The route that led there, and its own limit. */
type Way = Pick<Route, 'name' | 'timeout'>;

/** What took too long, and the knob that gives it more time. */
const tooSlow: Readonly<
  Record<string, (target: Limits, way: Way | undefined) => { readonly detail: string; readonly hint: string }>
> = {
  UND_ERR_HEADERS_TIMEOUT: ({ name, timeout }, way) => ({
    detail: `The destination "${name}" did not answer within ${way?.timeout ?? timeout} ms.`,
    hint: `Raise ${knobOf(way)} if it needs longer.`,
  }),
  UND_ERR_CONNECT_TIMEOUT: notConnected,
  ETIMEDOUT: notConnected,
  UND_ERR_BODY_TIMEOUT: ({ name, idleTimeout }) => ({
    detail: `The destination "${name}" fell silent in the middle of its answer, for ${idleTimeout} ms.`,
    hint: 'Raise URL.socketReadTimeoutInSeconds of the destination if it needs longer.',
  }),
};

/** What the owner of the destination can do where there is no connection at all. */
const cures = {
  'unknown-host': 'Check the host in URL of the destination, and DNS.',
  refused: 'Check host and port in URL of the destination, and whether the target runs.',
  unreachable: 'Check network and firewall; where a proxy is needed, set HTTPS_PROXY.',
  silent: 'Try again later.',
  'too-long': 'Try again later.',
  'certificate-dates': 'It must be renewed there; check the clock here.',
  'certificate-host': 'Use the host name the certificate is for in URL of the destination.',
  'certificate-issuer':
    "Put the issuer's certificate into keystores/ and name it in TrustStoreLocation of the destination.",
  'client-certificate': 'Let the destination show a registered, unexpired one (ClientCertificateAuthentication).',
  tls: 'Check that URL of the destination has the right scheme and port.',
  'proxy-login': 'Put them into HTTPS_PROXY: http://user:password@proxy.example:8080.',
  'proxy-refuses': "Have the target's host allowed there, or name it in NO_PROXY.",
  'proxy-away': "Check HTTPS_PROXY, or name the target's host in NO_PROXY.",
} satisfies Record<Trouble, string>;

/**
 * Whose fault it was: 504 when the upstream was too slow, 502 when it cannot be reached or broke off (xs-app.md 12), 503
 * when it has too much to do.
 * @param target of which only the name is told; never its address, which is nobody's business outside
 * @param way undefined: no route led there
 */
export function forwardError(cause: unknown, target: Limits, way?: Way): AppError {
  if (cause instanceof AppError) return cause;
  const code = String((cause as { code?: unknown } | undefined)?.code ?? 'unknown');
  const slow = Object.hasOwn(tooSlow, code) ? tooSlow[code] : undefined;
  if (slow !== undefined)
    return new AppError({ code: 'ERR_UPSTREAM_TIMEOUT', status: 504, ...slow(target, way), cause });
  const trouble = troubleOf(cause, target.proxy !== undefined);
  return new AppError({
    code: 'ERR_UPSTREAM_UNREACHABLE',
    status: 502,
    ...(trouble === undefined
      ? { detail: `The destination "${target.name}" cannot be reached or broke off its answer (${code}).` }
      : {
          detail: `The destination "${target.name}" cannot be reached: ${troubleTold[trouble]} (${code}).`,
          hint: cures[trouble],
        }),
    cause,
  });
}

function notConnected({ name, timeout, connectTimeout }: Limits, way: Way | undefined) {
  const limit = way?.timeout ?? timeout;
  const knob = connectTimeout <= limit ? 'URL.connectionTimeoutInSeconds of the destination' : knobOf(way);
  return {
    detail: `No connection to the destination "${name}" within ${Math.min(limit, connectTimeout)} ms.`,
    hint: `Raise ${knob} if the network needs longer.`,
  };
}

/** What says how long an answer is waited for. */
function knobOf(way: Way | undefined): string {
  if (way?.timeout !== undefined) return `"timeout" of the route (${way.name})`;
  const destination = '"timeout" (HTML5.Timeout) of the destination';
  return way === undefined ? destination : `${destination}, or set "timeout" of the route (${way.name}),`;
}
