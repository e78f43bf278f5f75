/** Whether a host name is this machine: localhost and names below it, 127.0.0.0/8, ::1 (RFC 6761 6.3, RFC 1122 3.2.1.3). */
export function isLoopback(hostname: string): boolean {
  const host = hostname.toLowerCase();
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** What is wrong with an endpoint that secrets are sent to, or undefined: https always, plain http on loopback only (design section 3). */
export function endpointProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null) return 'is not an absolute URL';
  if (url.username !== '' || url.password !== '') return 'must not hold user or password';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return 'must begin with https://';
  return isLoopback(url.hostname) ? undefined : 'must begin with https://; plain http is accepted on loopback only';
}
