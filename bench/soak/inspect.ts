import { WebSocket } from 'ws';

/** V8's inspector of another process (Chrome DevTools Protocol): nothing of ours runs in the process that is looked at. */
export interface Inspection {
  /** Value of an expression in the process; what it returns is copied. @throws Error when it throws */
  evaluate<T>(expression: string): Promise<T>;
  /** Collects all garbage. */
  collect(): Promise<void>;
  /** A heap snapshot, as Chrome's developer tools read it. */
  snapshot(): Promise<string>;
  close(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly chunk?: string };
  readonly result?: { readonly result?: { readonly value?: unknown }; readonly exceptionDetails?: object };
  readonly error?: object;
}

/** @param url as the process has told it on its standard error */
export async function inspect(url: string): Promise<Inspection> {
  const socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: 0 });
  await new Promise<void>((opened, failed) => socket.once('open', opened).once('error', failed));
  const waiting = new Map<number, { done: (answer: Answer) => void; failed: (cause: Error) => void }>();
  const chunks: string[] = [];
  let last = 0;
  socket.on('message', (data) => {
    const answer = JSON.parse(String(data)) as Answer;
    if (answer.method === 'HeapProfiler.addHeapSnapshotChunk') chunks.push(answer.params?.chunk ?? '');
    if (answer.id === undefined) return;
    waiting.get(answer.id)?.done(answer);
    waiting.delete(answer.id);
  });
  const closed = new Promise<void>((done) => {
    socket.once('close', () => {
      for (const { failed } of waiting.values()) failed(new Error('the process has ended'));
      done();
    });
  });
  const post = async (method: string, params: object = {}): Promise<Answer> => {
    if (socket.readyState !== WebSocket.OPEN) throw new Error('the process has ended');
    last += 1;
    const id = last;
    const answer = await new Promise<Answer>((done, failed) => {
      waiting.set(id, { done, failed });
      socket.send(JSON.stringify({ id, method, params }));
    });
    const fault = answer.error ?? answer.result?.exceptionDetails;
    if (fault !== undefined) throw new Error(`${method}: ${JSON.stringify(fault)}`);
    return answer;
  };
  return {
    async evaluate<T>(expression: string) {
      const { result } = await post('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      return result?.result?.value as T;
    },
    async collect() {
      // What finalizers let go of in the first round is collected in the second.
      for (let round = 0; round < 2; round++) await post('HeapProfiler.collectGarbage');
    },
    async snapshot() {
      chunks.length = 0;
      await post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
      return chunks.splice(0).join('');
    },
    close() {
      socket.close();
      return closed;
    },
  };
}
