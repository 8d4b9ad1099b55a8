// The way back of 0006_tool_calls: what stays of turns with calls, and of those that wait for a person.
import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { onEachDatabaseToAdopt, texts } from '../../testing/fastapi-database.ts';
import { newCall, waitingTurn } from '../../testing/new-calls.ts';
import { begin, newKey } from '../../testing/new-turns.ts';
import { localOwner } from '../owner.ts';
import { createStore } from '../store.ts';
import { migrate } from './migrate.ts';
import { rollback } from './rollback.ts';

const migrations = await readMigrations();
const before = '0005_limits_and_usage';

onEachDatabaseToAdopt('the way back from calls of tools', ({ database, onEmpty }) => {
  test('a turn that waits is cancelled, its messages stay, and its session goes on', async () => {
    await onEmpty(async (tx) => {
      // Another connection would wait for this transaction.
      const { alone: _, ...rest } = database();
      const inside = { ...rest, db: tx, reserved: tx, patient: tx };
      await migrate(inside, migrations);
      const store = createStore(inside);
      const key = await waitingTurn(store, localOwner, [newCall('write', { needsApproval: true })]);
      await begin(store, newKey(key), 'later');

      const refused = await rollback(inside, migrations, before, () => false);
      expect(refused.lost).toEqual([
        { what: 'chat_messages.data', count: 1, unit: 'values' },
        { what: 'chat_tool_calls', count: 1, unit: 'rows' },
      ]);
      expect(await store.turns.find(key)).toMatchObject({ status: 'waiting' });

      expect((await rollback(inside, migrations, before)).done).toBe(true);
      expect(await texts(tx, sql`select status from chat_turns order by seq`)).toEqual([
        'cancelled',
        'queued',
      ]);
      expect(await texts(tx, sql`select type from chat_messages order by seq, step`)).toEqual([
        'TextMessage',
        'ToolCallRequestEvent',
        'TextMessage',
      ]);
      expect(await texts(tx, sql`select num_nulls(waiting_turn, running_lease) from chat_sessions`)).toEqual([
        '2',
      ]);
      await migrate(inside, migrations);
      expect(await store.calls.ofTurn(key)).toEqual([]);
      expect(await store.turns.find(key)).toMatchObject({ status: 'cancelled', settled: [{ data: null }] });
    });
  });
});
