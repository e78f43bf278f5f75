import type { Inspection } from './inspect.ts';

/** Makes the process keep so many bytes of each request: to see that a leak is found. */
export async function leakOnPurpose(inspection: Inspection, bytes: number): Promise<void> {
  if (bytes === 0) return;
  await inspection.evaluate(`(() => {
    globalThis.leaked = [];
    const channel = process.getBuiltinModule('node:diagnostics_channel').channel('http.server.request.start');
    channel.subscribe(() => globalThis.leaked.push(new Array(${Math.ceil(bytes / 8)}).fill(0.5)));
  })()`);
}
