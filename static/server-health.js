// Waiting for a server that went away.

const pauseMs = 2000;

/** Resolves once the server answers that it is ready; asks every two seconds. */
export async function untilReady(signal) {
  while (true) {
    await pause(signal);
    const response = await fetch('/readyz', { cache: 'no-store', signal }).catch(() => null);
    signal.throwIfAborted();
    if (response?.ok) return;
  }
}

function pause(signal) {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, pauseMs);
    signal.addEventListener('abort', abort, { once: true });
  });
}
