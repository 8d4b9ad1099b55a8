// Reads HTTP/1.1 messages off a socket's bytes: just enough for the model server and the load generator.

export type Message = { head: string; body: Buffer };

const headEnd = Buffer.from('\r\n\r\n');

/** Takes bytes as they come; gives each message when it is whole. Understands Content-Length and chunks. */
export function createHttpReader(onMessage: (message: Message) => void): (bytes: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0);
  return (bytes) => {
    // Copied: the socket uses its buffer again.
    kept = kept.length === 0 ? Buffer.from(bytes) : Buffer.concat([kept, bytes]);
    for (;;) {
      const end = kept.indexOf(headEnd);
      if (end < 0) return;
      const head = kept.toString('latin1', 0, end).toLowerCase();
      const found = isChunked(head) ? chunkedBody(kept, end + 4) : plainBody(kept, end + 4, head);
      if (!found) return;
      kept = kept.subarray(found.end);
      onMessage({ head, body: found.body });
    }
  };
}

const isChunked = (head: string) => head.includes('transfer-encoding: chunked');

function plainBody(bytes: Buffer, from: number, head: string) {
  const length = Number(/content-length: *(\d+)/.exec(head)?.[1] ?? 0);
  const end = from + length;
  return bytes.length < end ? undefined : { body: bytes.subarray(from, end), end };
}

function chunkedBody(bytes: Buffer, from: number) {
  const parts: Buffer[] = [];
  for (let at = from; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const end = lineEnd + 2 + length;
    if (bytes.length < end + 2) return undefined;
    if (length === 0)
      return { body: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), end: end + 2 };
    parts.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
