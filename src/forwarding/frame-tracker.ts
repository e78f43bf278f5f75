/** Knows where the frames of a WebSocket begin and end, and nothing of what is in them (RFC 6455 5.2). */
export interface FrameTracker {
  /** What was sent next. */
  follow(chunk: Uint8Array): void;
  /** Whether all that was sent are whole frames. */
  readonly isBetweenFrames: boolean;
}

export function createFrameTracker(): FrameTracker {
  let header: number[] = [];
  /** Bytes of the payload that are still to come. */
  let rest = 0;
  return {
    follow(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (rest > 0) {
          const taken = Math.min(rest, chunk.length - at);
          rest -= taken;
          at += taken;
          continue;
        }
        header.push(chunk[at++] as number);
        if (header.length < headerLength(header)) continue;
        rest = payloadLength(header);
        header = [];
      }
    },
    get isBetweenFrames() {
      return rest === 0 && header.length === 0;
    },
  };
}

function headerLength([, second]: readonly number[]): number {
  if (second === undefined) return 2;
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second >= 0x80 ? 4 : 0);
}

function payloadLength(header: readonly number[]): number {
  const length = (header[1] as number) & 0x7f;
  if (length < 126) return length;
  return header.slice(2, length === 126 ? 4 : 10).reduce((sum, byte) => sum * 256 + byte, 0);
}
