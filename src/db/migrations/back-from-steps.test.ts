// The way back of 0003_owners_and_steps: what stays of turns of several steps, and of several owners.
import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import { onEachDatabaseToAdopt, texts } from '../../testing/fastapi-database.ts';
import { agents, begin, newKey, newSession, newStep } from '../../testing/new-turns.ts';
import type { Database } from '../database.ts';
import { localOwner, type SessionKey } from '../owner.ts';
import { createIndexing } from '../search/search-index.ts';
import { createStore, type Store } from '../store.ts';
import type { TurnKey } from '../turns/turn-name.ts';
import { migrate } from './migrate.ts';
import { rollback } from './rollback.ts';

const migrations = await readMigrations();
const before = '0002_search_index';

onEachDatabaseToAdopt('the way back from turns of several steps', ({ database, onEmpty }) => {
  const onMigrated = (use: (inside: Database, store: Store) => Promise<void>) =>
    onEmpty(async (tx) => {
      // Another connection would wait for this transaction.
      const { alone: _, ...rest } = database();
      const inside = { ...rest, db: tx, reserved: tx, patient: tx };
      await migrate(inside, migrations);
      await use(inside, createStore(inside));
    });

  async function settled(store: Store, session: SessionKey, name: string, steps: number): Promise<TurnKey> {
    const key = newKey(session);
    await begin(store, key, `${name}?`);
    for (let step = 0; step < steps; step++)
      await store.turns.settle(key, step, newStep(`${name}, step ${step}`));
    return key;
  }

  const contents = ({ db }: Database) =>
    texts(db, sql`select seq || ' ' || content from chat_messages order by session_id, seq`);

  test('only the last step stays, and nothing else is lost', async () => {
    await onMigrated(async (inside, store) => {
      const session = await newSession(store, localOwner);
      const short = await settled(store, session, 'short', 0);
      await store.turns.complete(short, 'completed', newStep('short!'), false);
      const long = await settled(store, session, 'long', 2);
      await store.turns.complete(long, 'completed', newStep('long!', { thought: 'at last' }), false);
      const cancelled = await settled(store, session, 'cancelled', 2);
      await store.turns.endWithoutReply(cancelled, null);
      const takeIn = createIndexing(inside, { quiet: -1 });
      while (await takeIn());

      const refused = await rollback(inside, migrations, before, () => false);
      expect(refused.lost).toContainEqual({ what: 'chat_messages', count: 3, unit: 'rows' });
      expect(refused.done).toBe(false);
      expect((await store.messages.page(session, 10, 0)).rows).toHaveLength(9);

      expect((await rollback(inside, migrations, before)).done).toBe(true);
      const kept = ['1 short?', '2 short!', '3 long?', '4 long!', '5 cancelled?', '6 cancelled, step 1'];
      expect(await contents(inside)).toEqual(kept);
      const { db } = inside;
      expect(
        await texts(db, sql`select message_count || ' ' || last_seq || ' ' || owner from chat_sessions`),
      ).toEqual(['6 6 local']);
      expect(await texts(db, sql`select status from chat_turns order by seq`)).toEqual([
        'completed',
        'completed',
        'cancelled',
      ]);
      expect(await texts(db, sql`select thought from chat_messages where seq = 4`)).toEqual(['at last']);
      // What is stored of the search is of messages that are there.
      expect(await texts(db, sql`select seq from chat_search_parts order by seq`)).toEqual([
        '0',
        '1',
        '2',
        '3',
        '5',
      ]);

      await migrate(inside, migrations);
      expect(await contents(inside)).toEqual(kept);
      expect(await store.turns.find(long)).toMatchObject({
        step: 0,
        settled: [],
        reply: { seq: 4, step: 0, content: 'long!' },
      });
      while (await takeIn());
      const found = await store.search.find(localOwner, { contains: 'long!', limit: 9, offset: 0 });
      expect(found).toMatchObject({ sessions: [{ id: session.session, messageCount: 6 }] });
    });
  });

  test('a turn that may run again has its place free', async () => {
    await onMigrated(async (inside, store) => {
      const sessions = [await newSession(store, localOwner), await newSession(store, localOwner)] as const;
      const failed = await settled(store, sessions[0], 'failed', 2);
      await store.turns.endWithoutReply(
        failed,
        { code: 'internal' },
        { source: 'assistant', thought: '', content: 'half' },
      );
      const running = await settled(store, sessions[1], 'running', 1);
      const takeIn = createIndexing(inside, { quiet: -1 });
      while (await takeIn());

      expect(await rollback(inside, migrations, before)).toMatchObject({
        done: true,
        // Later migrations lose what is theirs.
        lost: expect.arrayContaining([{ what: 'chat_messages', count: 3, unit: 'rows' }]),
      });
      expect((await contents(inside)).toSorted()).toEqual(['1 failed?', '1 running?']);
      const { db } = inside;
      expect(await texts(db, sql`select distinct message_count from chat_sessions`)).toEqual(['1']);
      expect(await texts(db, sql`select content from chat_turn_events`)).toEqual(['half']);
      expect(await texts(db, sql`select seq from chat_search_parts where seq > 1`)).toEqual([]);

      await migrate(inside, migrations);
      const again = { ...failed, lease: newKey(failed).lease };
      const replyId = newStep('').id;
      expect(await store.turns.retry(again, agents, replyId)).toMatchObject({ step: 0, replyId });
      for (const key of [again, running])
        expect(await store.turns.complete(key, 'completed', newStep('done'), true)).toBeDefined();
      expect((await contents(inside)).toSorted()).toEqual(['1 failed?', '1 running?', '2 done', '2 done']);
    });
  });

  test('a turn that waits is cancelled, which is told', async () => {
    await onMigrated(async (inside, store) => {
      const key = await settled(store, await newSession(store, localOwner), 'waits', 1);
      const { db } = inside;
      await db.execute(sql`update chat_turns set status = 'waiting', lease = null, lease_until = null`);
      await db.execute(sql`update chat_sessions set running_lease = null, waiting_turn = ${key.turn}`);
      const { lost, done } = await rollback(inside, migrations, before);
      expect({ lost, done }).toEqual({
        lost: [{ what: 'chat_sessions.waiting_turn', count: 1, unit: 'values' }],
        done: true,
      });
      expect(await texts(db, sql`select status || ' ' || (finished_at is not null) from chat_turns`)).toEqual(
        ['cancelled true'],
      );
      expect(await contents(inside)).toEqual(['1 waits?', '2 waits, step 0']);
    });
  });

  test('owners are names in their sessions, and have their sessions again', async () => {
    await onMigrated(async (inside, store) => {
      const other = await store.owners.named('other');
      const [mine, theirs] = [await newSession(store, localOwner), await newSession(store, other)];
      for (const session of [mine, theirs]) {
        const key = await settled(store, session, 'x', 0);
        await store.turns.complete(key, 'completed', newStep('y'), false);
      }
      const never = () => expect.unreachable('nothing is lost, so nobody is asked');
      expect((await rollback(inside, migrations, before, never)).done).toBe(true);
      expect(await texts(inside.db, sql`select owner from chat_sessions order by owner`)).toEqual([
        'local',
        'other',
      ]);
      await migrate(inside, migrations);
      const again = await store.owners.named('other');
      const { sessions } = await store.sessions.list(again, { limit: 9, offset: 0 });
      expect(sessions).toMatchObject([{ id: theirs.session, messageCount: 2 }]);
      const key = { owner: again, session: theirs.session };
      expect((await store.messages.page(key, 9, 0)).rows).toHaveLength(2);
      expect((await store.turns.list(key, { limit: 9 })).rows).toMatchObject([{ reply: { content: 'y' } }]);
    });
  });

  test('two owners who have one session’s id cannot go back, and nothing is changed', async () => {
    await onMigrated(async (inside, store) => {
      const { session } = await newSession(store, localOwner);
      await newSession(store, await store.owners.named('other'), session);
      await expect(rollback(inside, migrations, before)).rejects.toThrow(
        /^the way back of 0003_owners_and_steps failed: .*chat_sessions_pkey/,
      );
      expect(await inside.db.$count(sql`chat_sessions`, sql`owner_id > 0`)).toBe(2);
    });
  });
});
