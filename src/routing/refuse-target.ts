import { AppError } from '../errors/app-error.ts';

/** How often percent-encoding is undone in the search for dot segments: once more than any known chain of decoders. */
const decodings = 4;

const badEscape = /%(?![0-9a-f]{2})/i;
// Overlong UTF-8, a dot or slash for lax decoders (%c0%ae, %e0%80%ae, %f0%80%80%ae, %f8… and %fc… of the time before
// RFC 3629): never valid (its section 4).
const overlong = /%(?:c[01]%[89ab]|e0%[89]|f0%8|f8%8|fc%8)[0-9a-f]/i;
const nul = /%00|\0/;
// Everything that makes a second look worth its time: segments that begin with a dot, escapes, backslashes, controls
// and non-ASCII.
const suspicious = /(?:^|\/)\.|%|\\|[^\x21-\x7e]/;

/**
 * Refuses a request target that means different things to different readers, before any other treatment
 * (xs-app.md 3.2 step 2; T-02, T-04, T-05, T-06, T-71): dot segments in any encoding or look-alike, broken escapes,
 * NUL, a raw `#`, backslash tricks, absolute-form and asterisk-form targets.
 * @param url the request target as it came, path and query
 * @throws AppError 400
 */
export function refuseAmbiguousTarget(url: string): void {
  if (url.charCodeAt(0) !== 47 /* / */) throw refused('the request target must be a path');
  if (url.includes('#')) throw refused('the request target holds a raw #');
  const end = url.indexOf('?');
  refuseAmbiguousPath(end < 0 ? url : url.slice(0, end));
}

/** The same for a path that was put together here. @throws AppError 400 */
export function refuseAmbiguousPath(path: string): void {
  if (!suspicious.test(path)) return;
  if (badEscape.test(path)) throw refused('the path holds a % that is not followed by two hex digits');
  if (nul.test(path)) throw refused('the path holds NUL');
  if (hasDotSegments(path)) throw refused('the path holds dot segments');
}

/** Whether a path, decoded up to four times and with look-alikes folded, holds `.` or `..` as a segment, or bytes that only lax decoders read. */
export function hasDotSegments(path: string): boolean {
  let current = path;
  for (let round = 0; round <= decodings; round++) {
    if (overlong.test(current) || fold(current).split(/[/\\]/).some(isDotSegment)) return true;
    const decoded = decodeLeniently(current);
    if (decoded === current) return false;
    current = decoded;
  }
  return true; // still encoded after four rounds: nobody honest writes that
}

/** Characters that some decoder takes for dots and slashes (NFKC, and those it leaves alone) made just that. */
function fold(text: string): string {
  if (/^[\x21-\x7e]*$/.test(text)) return text;
  return text
    .normalize('NFKC')
    .replace(/[\u2044\u2215\u29f8]/g, '/')
    .replace(/[\u2216\u29f5\u29f9]/g, '\\')
    .replace(/[\u3002\uff61]/g, '.');
}

function isDotSegment(segment: string): boolean {
  // Servlet containers cut off path parameters (`..;x`) before they resolve dots; who parses a decoded path anew, `?` and `#`.
  // Parsers of URLs take out tabs and line breaks, wherever they stand (WHATWG URL 4.4).
  const bare = (segment.split(/[;?#]/, 1)[0] ?? '').replace(/[\t\n\r]/g, '').trim();
  return bare === '.' || bare === '..';
}

function decodeLeniently(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
    }
  });
}

function refused(detail: string): AppError {
  return new AppError({ code: 'ERR_BAD_REQUEST', status: 400, detail });
}
