// Leaving a source of events at once, even one that does not heed its signal.

/** What `source` yields, until `signal` is aborted: then its reason is thrown, whatever the source is doing. */
export async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T, void> {
  const iterator = source[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => {});
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not waited for: a source that hangs would hang this as well.
    iterator.return?.()?.then(
      () => {},
      () => {},
    );
  }
}
