// How a process of a benchmark talks to the one that started it, and ends with it.

/** Tells the parent that it is ready, then answers each request; ends when the parent is gone. */
export function serveRole(answer: (request: unknown) => Promise<unknown>, ready: unknown): void {
  // A terminal's Ctrl-C reaches every process: the parent ends them in order.
  process.on('SIGINT', () => {});
  // By itself, so that a profile is written.
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (request) => {
    try {
      process.send?.({ result: await answer(request) });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.send?.({ result: ready });
}
