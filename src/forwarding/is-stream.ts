/** Types of answers that last as long as somebody listens. */
const streams =
  /^\s*(?:text\/event-stream|application\/(?:x-ndjson|stream\+json|json-seq)|multipart\/x-mixed-replace)\s*(?:;|$)/i;

/** Whether an answer is a stream of events, which must not outlive the session it was opened for (wants 39). */
export function isStream(contentType: string | undefined): boolean {
  return contentType !== undefined && streams.test(contentType);
}
