// Leaving a source of events at once, even one that does not heed its signal.

/** What `source` yields, until `signal` is aborted: then its reason is thrown, whatever the source is doing. */
export function abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  const iterator = source[Symbol.asyncIterator]();
  let leave: (reason: unknown) => void = () => {};
  const aborted = () => leave(signal.reason);
  signal.addEventListener('abort', aborted);

  function end(): void {
    signal.removeEventListener('abort', aborted);
    // Not waited for: a source that hangs would hang this as well.
    iterator.return?.()?.then(
      () => {},
      () => {},
    );
  }

  // By hand and not as a generator, which costs twice as much; one promise for each event: what a race leaves with a
  // promise that outlives it would pile up.
  const next = () =>
    new Promise<IteratorResult<T>>((resolve, reject) => {
      leave = (reason) => {
        end();
        reject(reason);
      };
      if (signal.aborted) return leave(signal.reason);
      iterator.next().then((result) => {
        if (result.done) end();
        resolve(result);
      }, leave);
    });
  const over = async (): Promise<IteratorResult<T>> => {
    end();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: over }) };
}
