import { expect, test } from 'bun:test';
import { asc, sql } from 'drizzle-orm';
import { readMigrations } from '../../cli/migrations/read-migrations.ts';
import {
  addMessage,
  addSession,
  addTurns,
  makeTables,
  onEachDatabaseToAdopt,
  texts,
  uuidOf,
} from '../../testing/fastapi-database.ts';
import type { Db } from '../database.ts';
import { rollback } from '../migrations/rollback.ts';
import { chatMessages, chatSessions } from '../schema.ts';
import { findFastApiDatabase } from './find.ts';

onEachDatabaseToAdopt('the order of adopted messages', ({ database, onEmpty, adopt }) => {
  const adopted = (tx: Db) =>
    tx.select().from(chatMessages).orderBy(asc(chatMessages.sessionId), asc(chatMessages.seq));

  test('has each question before its answer, whatever the user is called', async () => {
    await onEmpty(async (tx) => {
      const turns = await addTurns(tx);
      await adopt(tx);
      const rows = await adopted(tx);
      const row = (id: string) => rows.find((one) => one.id === id);
      expect(rows).toHaveLength(2 * turns.length);
      for (const [question, answer] of turns) {
        const { sessionId, seq, role, content } = row(question) ?? {};
        expect({ content, role, isBefore: row(answer)?.seq === (seq ?? 0) + 1 }).toEqual({
          content,
          role: 'user',
          isBefore: true,
        });
        expect(row(answer)).toMatchObject({ sessionId, role: 'assistant', source: 'assistant' });
      }
      // One turn behind the other, by time.
      for (const [place, one] of rows.entries()) {
        const next = rows[place + 1];
        if (next?.sessionId === one.sessionId) expect(one.createdAt <= next.createdAt).toBe(true);
      }
    });
  });

  test('goes back unchanged', async () => {
    await onEmpty(async (tx) => {
      const rows = () =>
        Promise.all(
          ['chat_sessions', 'chat_messages'].map((table) =>
            texts(tx, sql`select row_to_json(line)::text from ${sql.identifier(table)} as line order by id`),
          ),
        );
      await addTurns(tx);
      const before = await rows();
      await adopt(tx);
      const names = await tx.select({ name: chatSessions.name }).from(chatSessions);
      expect(names.map(({ name }) => name).sort()).toEqual([
        'Apart 1 of Alice_1',
        'Apart 1 of assistant',
        'Apart 1 of system',
        'Apart 1 of user',
        'Apart 1 of user_agen...',
        'At once 0',
        'Question 1 of Alice_...',
        'Question 1 of assist...',
        'Question 1 of system',
        'Question 1 of user',
        'Question 1 of user_a...',
      ]);
      const back = await rollback(
        { ...database(), db: tx, patient: tx },
        await readMigrations(),
        undefined,
        () => false,
      );
      expect(back).toMatchObject({ done: true, lost: [] });
      expect(await rows()).toEqual(before);
      expect(await findFastApiDatabase(tx)).toMatchObject({ revision: 'e211a05619a6', sessions: 11 });
    });
  });

  type Said = [source: string, content: string, usage?: string];

  /** What comes of messages of one time, whose ids are in this order and the turns' in another. */
  async function roles(tx: Db, said: Said[], states: (string | null)[] = [null]): Promise<string[]> {
    await makeTables(tx, '002');
    let session = '';
    for (const state of states) session = await addSession(tx, { state });
    for (const [place, [source, content, usage]] of said.entries()) {
      await addMessage(tx, session, { id: uuidOf(String(place)), source, content, usage: usage ?? null });
    }
    await adopt(tx);
    return (await adopted(tx)).map(({ role, content }) => `${role}: ${content}`);
  }

  const usage = '{"prompt_tokens":1,"completion_tokens":1}';
  const stateOf = (...messages: [type: string, source: string, content: string][]) =>
    JSON.stringify({
      llm_context: { messages: messages.map(([type, source, content]) => ({ type, source, content })) },
    });
  const others = stateOf(['UserMessage', 'Bob', 'x'], ['AssistantMessage', 'helper', 'y']);

  for (const [title, said, states, expected] of [
    [
      'the answer by its agent, whom another session’s state names',
      [
        ['helper', 'A'],
        ['Alice_1', 'Q'],
      ],
      [others, null],
      ['user: Q', 'assistant: A'],
    ],
    [
      'the answer by its usage, where both are called alike',
      [
        ['helper', 'A', usage],
        ['helper', 'Q'],
      ],
      [null],
      ['user: Q', 'assistant: A'],
    ],
    [
      'the question by its source, where it is "user"',
      [
        ['anybody', 'A'],
        ['user', 'Q'],
      ],
      [others, null],
      ['user: Q', 'assistant: A'],
    ],
    [
      'the answer as what is left, where the state knows only the question',
      [
        ['helper', 'A'],
        ['helper', 'Q', usage],
      ],
      [stateOf(['UserMessage', 'helper', 'Q'], ['AssistantMessage', 'helper', 'B'])],
      ['user: Q', 'assistant: A'],
    ],
    ['a question without an answer', [['Alice_1', 'Q']], [others, null], ['user: Q']],
    [
      'turns of one time in the state’s order',
      [
        ['helper', 'A2'],
        ['Bob', 'Q2'],
        ['helper', 'A1'],
        ['Bob', 'Q1'],
      ],
      [
        stateOf(
          ['UserMessage', 'Bob', 'Q1'],
          ['AssistantMessage', 'helper', 'A1'],
          ['UserMessage', 'Bob', 'Q2'],
          ['AssistantMessage', 'helper', 'A2'],
        ),
      ],
      ['user: Q1', 'assistant: A1', 'user: Q2', 'assistant: A2'],
    ],
  ] satisfies [string, Said[], (string | null)[], string[]][]) {
    test(`tells ${title}`, async () => {
      await onEmpty(async (tx) => {
        expect(await roles(tx, said, states)).toEqual(expected);
      });
    });
  }
});
