import { expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { addMessage, addSession, makeTables, onEachDatabaseToAdopt } from '../../testing/fastapi-database.ts';
import type { Db } from '../database.ts';
import { chatMessages } from '../schema.ts';
import { AdoptionError } from './error.ts';
import { findFastApiDatabase } from './find.ts';

onEachDatabaseToAdopt('a FastAPI database that is not as the application made it', ({ onEmpty, adopt }) => {
  async function refusal(tx: Db): Promise<string> {
    const error = await findFastApiDatabase(tx).then(
      () => undefined,
      (error) => error,
    );
    expect(error).toBeInstanceOf(AdoptionError);
    return error.message;
  }

  test('columns of one’s own stop nothing, and are named', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '002');
      await tx.execute(sql`alter table chat_sessions add column owner text`);
      await tx.execute(sql`alter table chat_messages add column "how long" int`);
      await addMessage(tx, await addSession(tx, {}), {});
      expect((await findFastApiDatabase(tx))?.added).toEqual([
        'chat_messages.how long',
        'chat_sessions.owner',
      ]);
      expect(await adopt(tx)).toMatchObject({ sessions: 1, messages: 1, aside: 'fastapi' });
    });
  });

  test('a column that is missing or of another type is named', async () => {
    for (const [change, difference] of [
      ['chat_messages drop column models_usage', 'chat_messages has no column models_usage'],
      ['chat_sessions drop column agent_state', 'chat_sessions has no column agent_state'],
      ['chat_messages alter id type text', 'chat_messages.id is of the type text'],
      ['chat_sessions alter created_at type date', 'chat_sessions.created_at is of the type date'],
      ['chat_sessions rename to sessions', 'there is no table chat_sessions'],
    ] as const) {
      await onEmpty(async (tx) => {
        await makeTables(tx, '001');
        await tx.execute(sql.raw(`alter table ${change}`));
        expect(await refusal(tx)).toBe(
          `the tables are like those of the FastAPI application, but ${difference}: put that right, and try again`,
        );
      });
    }
  });

  test('tables in another schema are adopted once they are moved as it says', async () => {
    await onEmpty(async (tx) => {
      await tx.execute(sql`create schema "My chat"`);
      await tx.execute(sql`set local search_path to "My chat"`);
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, {}), {});
      await tx.execute(sql`set local search_path to public`);
      const sentence = await refusal(tx);
      expect(sentence).toContain('are in the schema My chat');
      const moves = sentence.match(/ALTER TABLE [^;]+;/g) ?? [];
      expect(moves).toHaveLength(3);
      for (const move of moves) await tx.execute(sql.raw(move));
      await adopt(tx);
      expect(await tx.$count(chatMessages)).toBe(1);
    });
  });

  test('a connection that makes its tables elsewhere is refused', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await tx.execute(sql`create schema elsewhere`);
      await tx.execute(sql`set local search_path to elsewhere, public`);
      expect(await refusal(tx)).toMatch(
        /tables in the schema elsewhere, .*take search_path out of DATABASE_URL, or run ALTER ROLE/,
      );
    });
  });

  test('a role that lacks rights is told which SQL gives them, and adopts afterwards', async () => {
    await onEmpty(async (tx) => {
      await makeTables(tx, '001');
      await addMessage(tx, await addSession(tx, {}), {});
      await tx.execute(sql`create role "agentchat Test"`);
      await tx.execute(sql`create schema fastapi`);
      await tx.execute(sql`set local role "agentchat Test"`);
      const sentence = await refusal(tx);
      const statements = sentence.match(/(ALTER|GRANT) [^;]+;/g) ?? [];
      expect(statements).toEqual([
        'ALTER TABLE chat_sessions OWNER TO "agentchat Test";',
        'ALTER TABLE chat_messages OWNER TO "agentchat Test";',
        expect.stringMatching(/^GRANT CREATE ON DATABASE \S+ TO "agentchat Test";$/),
        'GRANT CREATE, USAGE ON SCHEMA public TO "agentchat Test";',
        'GRANT CREATE, USAGE ON SCHEMA fastapi TO "agentchat Test";',
      ]);
      await tx.execute(sql`reset role`);
      for (const statement of statements) await tx.execute(sql.raw(statement));
      await tx.execute(sql`set local role "agentchat Test"`);
      await adopt(tx);
      expect(await tx.$count(chatMessages)).toBe(1);
    });
  });
});
