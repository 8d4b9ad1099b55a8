// The port at a start: who has it, and whether that is a server of ours which is about to end.
import { type Address, isTaken, ListenError, probePort } from './listen.ts';

/** How long another AgentChat is waited for: one whose starter was killed notices within a second. */
const waitMs = 5000;
/** What one that is stopping needs once its turns have ended. */
const closeMs = 5000;
const lookMs = 200;
const answerMs = 1000;

/**
 * Resolves when nothing has the port. Waits for an AgentChat that may be about to leave it: for five seconds, or where
 * it says that it is stopping, for as long as its turns may take, `graceMs`. Throws a ListenError. `say` hears once
 * that it waits.
 */
export async function whenPortIsFree(
  address: Address,
  graceMs: number,
  say: (port: number) => void,
): Promise<void> {
  const began = performance.now();
  let patience = 0;
  for (let isFirst = true; ; isFirst = false) {
    try {
      return probePort(address);
    } catch (error) {
      if (!isTaken(error)) throw error;
      const listener = await whoListens(address);
      if (listener === 'other' && patience === 0) {
        // It may have gone between the two questions.
        if (isFirst) continue;
        throw error;
      }
      if (patience === 0) say(address.port);
      patience = Math.max(patience, listener === 'stopping' ? graceMs + closeMs : waitMs);
      if (performance.now() - began > patience) throw takenByOurs(address, error);
    }
    await Bun.sleep(lookMs);
  }
}

const takenByOurs = ({ port }: Address, cause: unknown): ListenError =>
  new ListenError(
    `The port is taken by another AgentChat (PORT is ${port}): stop it, or set PORT to another one.`,
    { cause },
  );

/** What listens there; `other` too where it does not say. */
async function whoListens(address: Address): Promise<'agentchat' | 'stopping' | 'other'> {
  const id = crypto.randomUUID();
  const ask = (path: string) =>
    fetch(`http://${hostOf(address)}:${address.port}${path}`, {
      // An address, and `localhost`, are names under which every server answers.
      headers: { 'X-Request-Id': id, Host: 'localhost' },
      signal: AbortSignal.timeout(answerMs),
      redirect: 'manual',
    });
  try {
    const alive = await ask('/healthz');
    const isOurs = alive.headers.get('x-request-id') === id && (await alive.text()) === '{"status":"ok"}';
    if (!isOurs) return 'other';
    return (await (await ask('/readyz')).text()).includes(':problem:draining') ? 'stopping' : 'agentchat';
  } catch {
    return 'other';
  }
}

/** Where what listens there is reached from here. */
function hostOf({ host }: Address): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
