// What would be said of each request, and is to be said once in a while.

const restMs = 60_000;

/** Calls what it is given, unless it has called within a minute. */
export function createSeldom(): (say: () => void) => void {
  let next = Number.NEGATIVE_INFINITY;
  return (say) => {
    if (performance.now() < next) return;
    next = performance.now() + restMs;
    say();
  };
}
