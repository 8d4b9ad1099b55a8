// The way back of 0007_versions: what stays of versions, and of turns that answered again.
import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { onEachDatabaseToAdopt, texts } from '../../testing/fastapi-database.ts';
import { newKey, newStep, newTurn, runningTurn } from '../../testing/new-turns.ts';
import { localOwner } from '../owner.ts';
import { createStore } from '../store.ts';
import { migrate } from './migrate.ts';
import { rollback } from './rollback.ts';

const migrations = await readMigrations();
const before = '0006_tool_calls';

onEachDatabaseToAdopt('the way back from versions', ({ database, onEmpty }) => {
  test('all that was said stays, and its session goes on without the turn that answers again', async () => {
    await onEmpty(async (tx) => {
      // Another connection would wait for this transaction.
      const { alone: _, ...rest } = database();
      const inside = { ...rest, db: tx, reserved: tx, patient: tx };
      await migrate(inside, migrations);
      const store = createStore(inside);
      const key = await runningTurn(store, localOwner);
      await store.turns.complete(key, 'completed', newStep('reply'), false);
      const first = { beginning: [], parentSeq: 0, asksSeq: null };
      const other = newKey(key);
      await store.turns.begin({ ...newTurn(other, 'otherwise'), mayWait: false, elsewhere: first });
      await store.turns.complete(other, 'completed', newStep('other reply'), false);
      const again = newKey(key);
      const same = { beginning: [3, 3], parentSeq: 3, asksSeq: 3 };
      await store.turns.begin({ ...newTurn(again, 'otherwise'), mayWait: false, elsewhere: same });
      expect(await store.turns.find(again)).toMatchObject({ userMessage: { content: 'otherwise' } });

      const refused = await rollback(inside, migrations, before, () => false);
      expect(refused.lost).toEqual([
        { what: 'chat_turns', count: 1, unit: 'rows' },
        { what: 'chat_sessions.path', count: 1, unit: 'values' },
        { what: 'chat_turns.parent_seq', count: 2, unit: 'values' },
        { what: 'chat_turns.asks_seq', count: 1, unit: 'values' },
      ]);
      expect(await store.turns.find(again)).toMatchObject({ status: 'running' });

      expect((await rollback(inside, migrations, before)).done).toBe(true);
      expect(await texts(tx, sql`select content from chat_messages order by seq`)).toEqual([
        expect.any(String),
        'reply',
        'otherwise',
        'other reply',
      ]);
      expect(await texts(tx, sql`select status from chat_turns order by seq`)).toEqual([
        'completed',
        'completed',
      ]);
      expect(await texts(tx, sql`select num_nulls(waiting_turn, running_lease) from chat_sessions`)).toEqual([
        '2',
      ]);
      await migrate(inside, migrations);
      expect(await store.turns.find(other)).toMatchObject({ reply: { content: 'other reply' } });
    });
  });
});
