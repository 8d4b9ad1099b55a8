// Testing a model before it is configured: who may, how often, and what is written down of it.
import { type Tried, type TriedModel, tryModel } from '../agent/try-model.ts';
import type { Store } from '../db/store.ts';
import { Failure } from './failure.ts';
import { auditOf, type Caller } from './principal.ts';

/** In this process: a test makes the server call whatever address is given. */
const mostInMinute = 10;
const mostAtOnce = 2;

const loopback = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

/** `isDirect`: nothing passed the request on; `address`: where the model is asked, for the audit. */
export type TestAsked = { isDirect: boolean; address: string; signal: AbortSignal };

/**
 * Gives what tests a model for an admin. Where nobody says who they are, that is who sits at the machine itself.
 */
export function createModelTests(store: Pick<Store, 'audit'>) {
  let begun: number[] = [];
  let running = 0;

  function admit(): void {
    const now = performance.now();
    begun = begun.filter((time) => time > now - 60_000);
    if (running >= mostAtOnce) throw new Failure('model_tests_limited', { retry_after: 5 });
    const [oldest = now] = begun;
    if (begun.length >= mostInMinute)
      throw new Failure('model_tests_limited', { retry_after: Math.ceil((oldest + 60_000 - now) / 1000) });
    begun.push(now);
  }

  return async (
    caller: Caller,
    tried: TriedModel,
    { isDirect, address, signal }: TestAsked,
  ): Promise<Tried> => {
    if (caller.role !== 'admin') throw notHere('仅限 admin 角色', 'this is for the role admin');
    if (caller.way === 'none' && !(isDirect && loopback.test(caller.address ?? '')))
      throw notHere(
        '未启用登录（AUTH=none）时，仅限在运行服务的机器上直接访问',
        'without a sign-in (AUTH=none) this is for who calls from the server’s own machine, with nothing in between',
      );
    admit();
    running++;
    try {
      // Before it is asked: where it is asked is to be known whatever comes of it.
      await store.audit.add(auditOf(caller, 'model.tested', address, { provider: tried.provider }));
      return await tryModel(tried, signal);
    } finally {
      running--;
    }
  };
}

const notHere = (chinese: string, en: string) =>
  new Failure('not_allowed', { reason: { 'zh-CN': chinese, en } });
