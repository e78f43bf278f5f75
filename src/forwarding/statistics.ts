import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

/** Whether a request asks for timings: query `sap-statistics=true` or the header of that name (xs-app.md 8.9). */
export function wantsStatistics(url: string, headers: IncomingHttpHeaders): boolean {
  return headers['sap-statistics'] === 'true' || /[?&]sap-statistics=true(?:&|$)/.test(url);
}

/**
 * Timings for the answer, in the approuter's notation and in the standard one (W3C Server Timing).
 * @param total milliseconds from arrival to the answer's head
 * @param upstream milliseconds of it spent in the upstream
 * @returns name, value, name, value…
 */
export function statisticsHeaders(total: number, upstream: number): string[] {
  const [all, ext] = [Math.round(total), Math.round(upstream)];
  return [
    'sap-statistics-approuter',
    `total=${all},ext=${ext}`,
    'server-timing',
    `total;dur=${all}, upstream;dur=${ext}`,
  ];
}

/** The same for what is answered here: there is no upstream. @param total milliseconds */
export function tellTotal(response: ServerResponse, total: number): void {
  response.setHeader('sap-statistics-approuter', `total=${Math.round(total)}`);
  response.setHeader('server-timing', `total;dur=${Math.round(total)}`);
}
