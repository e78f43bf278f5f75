/** Types of answers that last as long as somebody listens. */
const streams = new Set([
  'text/event-stream',
  'application/x-ndjson',
  'application/stream+json',
  'application/json-seq',
  'multipart/x-mixed-replace',
]);

/** Whether an answer is a stream of events, which must not outlive the session it was opened for (wants 39). */
export function isStream(contentType: string | undefined): boolean {
  return contentType !== undefined && streams.has(contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '');
}
