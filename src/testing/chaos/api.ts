// Requests to whichever server: one try, or as many as it takes.
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';
import type { ChaosRecord } from './record.ts';
import type { Fleet } from './servers.ts';
import type { Triggers } from './triggers.ts';
import { problem } from './wire.ts';

export type Call = {
  body?: unknown;
  headers?: { [name: string]: string };
  /** The connection's whole time. */
  timeoutMs?: number;
};

export type Api = ReturnType<typeof createApi>;

/** What an answer that is no success means to whoever sent a message. */
export type Refusal = 'again' | 'failed' | 'cancelled';

const turnFailures = new Set(['model_failed', 'model_timeout', 'model_busy', 'model_empty', 'interrupted']);
const longestWaitMs = 1000;

export function createApi(parts: {
  fleet: Fleet;
  triggers: Triggers;
  record: ChaosRecord;
  clock: Clock;
  random: Random;
}) {
  const { fleet, triggers, record, clock, random } = parts;

  /** One try at one server; undefined when no answer came. */
  async function once(method: string, path: string, call: Call = {}): Promise<Response | undefined> {
    clock.throwIfLate();
    const server = random.pick(fleet.servers);
    const answer = fetch(`${server.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...call.headers },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(call.timeoutMs ?? 5000),
    });
    const decides = method === 'POST' && path.includes('/approvals/');
    if (method === 'POST' && path.endsWith('/chat')) triggers.reach('sent', server.name);
    if (decides) triggers.reach('decision sent', server.name);
    try {
      const answered = await answer;
      if (decides && answered.ok) triggers.reach('decided', server.name);
      return answered;
    } catch {
      record.count('connections broken');
      await Bun.sleep(random.int(20, 150));
      return undefined;
    }
  }

  /** Waits as a refused caller should, and says what it was refused for. */
  async function refusal(path: string, response: Response): Promise<Refusal> {
    const body = await response.text().catch(() => '');
    const { code, detail } = problem.parse(parsed(body));
    if (turnFailures.has(code)) return 'failed';
    if (response.status === 409 && code === 'cancelled') return 'cancelled';
    const toldToWait = response.status === 503 || response.status === 429;
    if (toldToWait) record.count('told to wait (503, 429)');
    else record.unexpectedAnswers.push(`${path} answered ${response.status} ${code}: ${detail}`);
    const seconds = Number(response.headers.get('retry-after'));
    if (toldToWait && !(seconds > 0)) record.unexpectedAnswers.push(`${path} ${code} without Retry-After`);
    await Bun.sleep(Math.min(longestWaitMs, seconds * 1000 || longestWaitMs) * (0.2 + 0.8 * random.float()));
    return 'again';
  }

  /** Tries until there is an answer, and gives its body. */
  async function patient<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    call: Call = {},
  ): Promise<z.output<T>> {
    for (;;) {
      const response = await once(method, path, call);
      if (response?.ok) {
        const text = await response.text().catch(() => undefined);
        if (text !== undefined) return schema.parse(parsed(text));
      } else if (response) await refusal(path, response);
    }
  }

  /** Every page of a list that `Link` leads through. */
  async function pages<T extends z.ZodType>(item: T, path: string): Promise<z.output<T>[]> {
    const all: z.output<T>[] = [];
    let next: string | undefined = path;
    while (next !== undefined) {
      const response: Response | undefined = await once('GET', next);
      if (!response?.ok) {
        if (response) await refusal(next, response);
        continue;
      }
      const text = await response.text().catch(() => undefined);
      if (text === undefined) continue;
      all.push(...z.array(item).parse(parsed(text)));
      next = nextPage(response);
    }
    return all;
  }

  return { once, refusal, patient, pages };
}

function nextPage(response: Response): string | undefined {
  const target = /<([^>]+)>; *rel="next"/.exec(response.headers.get('link') ?? '')?.[1];
  if (target === undefined) return undefined;
  const { pathname, search } = new URL(target, 'http://server');
  return pathname + search;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
