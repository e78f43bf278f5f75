import { writeFileSync } from 'node:fs';

/**
 * Writes a script for wrk: takes turns among the cookies and reports in JSON.
 * @param cookies values of the Cookie header
 */
export function writeScript(file: string, cookies: readonly string[]): void {
  const [only = '', ...others] = cookies;
  writeFileSync(file, `${others.length === 0 ? oneCookie(only) : manyCookies(cookies)}${report}`);
}

/** wrk sends one prepared request then, which costs the load's core least. */
function oneCookie(cookie: string): string {
  return `wrk.headers["Cookie"] = ${quote(cookie)}\n`;
}

function manyCookies(cookies: readonly string[]): string {
  return `
local cookies = { ${cookies.map(quote).join(', ')} }
local requests, turn = {}, 0
function init()
  for i, cookie in ipairs(cookies) do requests[i] = wrk.format(nil, nil, { Cookie = cookie, Host = wrk.headers["Host"] }) end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
`;
}

const report = `
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\n{"requests":%d,"microseconds":%d,"bytes":%d,"failed":%d,"p50":%d,"p99":%d}\\n',
    summary.requests, summary.duration, summary.bytes, e.connect + e.read + e.write + e.status + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
`;

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
