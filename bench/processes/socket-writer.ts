// Writes to a socket of Bun's, which takes as much as fits now and leaves the rest to the caller.

export type SocketWriter = { write(bytes: Buffer | string): void; drain(): void };

export function createSocketWriter(socket: { write(bytes: Buffer): number }): SocketWriter {
  let pending: Buffer | undefined;
  const push = (bytes: Buffer) => {
    const written = Math.max(0, socket.write(bytes));
    pending = written < bytes.length ? Buffer.from(bytes.subarray(written)) : undefined;
  };
  return {
    write(given) {
      const bytes = typeof given === 'string' ? Buffer.from(given) : given;
      if (pending) pending = Buffer.concat([pending, bytes]);
      else push(bytes);
    },
    drain() {
      if (pending) push(pending);
    },
  };
}
