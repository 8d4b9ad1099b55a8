// Leaving a source of events at once, even one that does not heed its signal.

/** What `source` yields, until `signal` is aborted: then its reason is thrown, whatever the source is doing. */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  let leave: (reason: unknown) => void = () => {};
  const aborted = () => leave(signal.reason);
  signal.addEventListener('abort', aborted);
  try {
    while (true) {
      signal.throwIfAborted();
      // One promise for each event: what a race leaves with a promise that outlives it would pile up.
      const next = await new Promise<IteratorResult<T>>((resolve, reject) => {
        leave = reject;
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', aborted);
    // Not waited for: a source that hangs would hang this as well.
    iterator.return?.()?.then(
      () => {},
      () => {},
    );
  }
}
