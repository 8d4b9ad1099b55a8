import { expect, test } from 'bun:test';
import { asc, sql } from 'drizzle-orm';
import {
  addMessage,
  addSession,
  makeTables,
  onEachDatabaseToAdopt,
  texts,
} from '../../testing/fastapi-database.ts';
import { chatMessages } from '../schema.ts';

onEachDatabaseToAdopt('the JSON of an adopted database', ({ onEmpty, adopt }) => {
  test('JSON that jsonb cannot hold is put right, and what only looks like it stays', async () => {
    const cases: [metadata: string, kept: unknown][] = [
      ['{"a": "x\\u0000y", "k\\u0000": 1}', { a: 'xy', k: 1 }],
      ['{"a": "x\\\\u0000y"}', { a: 'x\\u0000y' }],
      ['{"a": "x\\\\\\u0000y"}', { a: 'x\\y' }],
      ['{"a": "\\\\\\\\u0000\\u0000\\u0000 \\n\\"\\\\ud83d\\""}', { a: '\\\\u0000 \n"\\ud83d"' }],
      ['{"a": "\\ud83dx\\uDE00\\uD83D\\uD83d\\ude00\\ud83d"}', { a: '\ufffdx\ufffd\ufffd😀\ufffd' }],
      ['{"a": "\\ud83d\\u0000\\ude00"}', { a: '\ufffd\ufffd' }],
      [
        '{"a": "\\u4f60\\ud83d\\ude00 \\\\pair12345678", "b": "\\u0000"}',
        { a: '你😀 \\pair12345678', b: '' },
      ],
      ['{"a": 1e400000}', {}],
      ['{"a": {"b": [1.5, null, "42"]}}', { a: { b: [1.5, null, '42'] } }],
      ['null', {}],
      ['[]', {}],
      ['"text"', {}],
      ['7', {}],
    ];
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      const session = await addSession(tx, {});
      for (const [index, [metadata]] of cases.entries()) {
        await addMessage(tx, session, { metadata, at: `2025-04-03 12:00:${index + 10}` });
      }
      await adopt(tx);
      const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
      expect(rows.map((row) => row.metadata as unknown)).toEqual(cases.map(([, kept]) => kept));
    });
  });

  test('models_usage is kept where it counts tokens', async () => {
    const usage = { prompt_tokens: 3, completion_tokens: 4 };
    const cases: [usage: string | null, kept: unknown][] = [
      [JSON.stringify(usage), usage],
      ['{"prompt_tokens": 3, "completion_tokens": "4"}', null],
      ['{"completion_tokens": 4}', null],
      ['{}', null],
      ['[3, 4]', null],
      ['"3"', null],
      ['null', null],
      [null, null],
    ];
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      const session = await addSession(tx, {});
      for (const [index, [own]] of cases.entries()) {
        await addMessage(tx, session, { usage: own, at: `2025-04-03 12:00:${index + 10}` });
      }
      await adopt(tx);
      const rows = await tx.select().from(chatMessages).orderBy(asc(chatMessages.seq));
      expect(rows.map((row) => row.modelsUsage as unknown)).toEqual(cases.map(([, kept]) => kept));
      const [nulls] = await texts(tx, sql`select count(*) from chat_messages where models_usage is null`);
      expect(nulls).toBe('7');
    });
  });
});
