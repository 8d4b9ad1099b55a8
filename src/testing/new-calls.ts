// Calls of tools, asked of a store as chat/ asks it, for tests of the store itself.
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { AuditEntry } from '../db/access/audit.ts';
import type { Database } from '../db/database.ts';
import type { Owner } from '../db/owner.ts';
import type { Store } from '../db/store.ts';
import type { NewCall } from '../db/turns/call-parts.ts';
import type { TurnKey } from '../db/turns/turn-name.ts';
import { newStep, nobody, runningTurn, type TurnOptions } from './new-turns.ts';

export const newCall = (name: string, more: Partial<NewCall> = {}): NewCall => ({
  id: randomUUID(),
  callId: `call_${name}`,
  name,
  server: '',
  arguments: '{"q":"x"}',
  needsApproval: false,
  ...more,
});

/** A turn that runs, whose step 0 asks for these calls. */
export async function askingTurn(
  store: Store,
  owner: Owner,
  calls: readonly NewCall[],
  options: TurnOptions = {},
): Promise<TurnKey> {
  const key = await runningTurn(store, owner, options);
  const said = newStep('', { type: 'ToolCallRequestEvent', data: { calls: calls.map(({ name }) => name) } });
  if (!(await store.calls.settle(key, 0, said, calls))) throw new Error('not settled');
  return key;
}

export const idsOf = (calls: readonly { id: string }[]): string[] => calls.map(({ id }) => id);

/** A turn that waits for a person to say something of all of these calls. */
export async function waitingTurn(
  store: Store,
  owner: Owner,
  calls: readonly NewCall[],
  options: TurnOptions = {},
): Promise<TurnKey> {
  const key = await askingTurn(store, owner, calls, options);
  const waits = await store.calls.wait(key, 0, idsOf(calls), { seconds: 3600, spent: null });
  if (!Array.isArray(waits)) throw new Error('it does not wait');
  return key;
}

export const decidedEntry = (owner: Owner): AuditEntry => ({
  ...nobody,
  owner,
  actor: 'ann',
  action: 'approval.decided',
});

/** As if everything that waits in the session had waited too long. */
export const outwait = ({ db }: Database, { session }: TurnKey) =>
  db.execute(sql`update chat_tool_calls set expires_at = now() - interval '1 second'
    where session_id = ${session} and status = 'waiting'`);

/** Takes over a turn of the session that was let go of, as the beat does. */
export async function takeOverIn(
  store: Store,
  { session }: { session: string },
): Promise<TurnKey | undefined> {
  const abandoned = (await store.leases.abandoned(['assistant'], false)).find(
    (turn) => turn.session === session,
  );
  if (!abandoned) return undefined;
  const to = { lease: randomUUID(), replyId: randomUUID() };
  const taken = await store.leases.takeOver(abandoned, to, false);
  const { owner, turn } = abandoned;
  return taken && { owner, session, turn, lease: to.lease };
}
