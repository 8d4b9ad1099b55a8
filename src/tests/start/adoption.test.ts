// Taking over from the FastAPI application: its database in, the server on top, nothing lost; and the way back.
import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import postgres from 'postgres';
import { createTestDatabase, testServerUrl } from '../../testing/databases.ts';
import { runCommand } from '../../testing/run-command.ts';
import { call, json, modelEnv, testServers } from '../../testing/servers.ts';

const fixtures = join(import.meta.dir, '..', '..', '..', '..', 'shared', 'fixtures', 'fastapi-db');
const here = existsSync(fixtures) && testServerUrl !== undefined;
if (!here)
  console.log(
    'Adoption by a server is not tested: its databases are not beside the project, or there is no PostgreSQL.',
  );

const { start, modelServer, tempFolder } = testServers();

type OldSession = {
  id: string;
  name: string;
  created_at: Date;
  updated_at: Date;
  agent_state: { llm_context?: { messages?: { content: string }[] } } | null;
};
type OldMessage = { id: string; source: string; content: string; thought?: string | null; created_at: Date };

for (const revision of ['001', '002', 'head']) {
  describe.skipIf(!here)(`the FastAPI application's database at revision ${revision}`, () => {
    test('is served whole by the next start, goes on as a conversation, and can be given back', async () => {
      const url = await createTestDatabase();
      let client = postgres(url, { max: 1, onnotice: () => {} });
      try {
        await client.unsafe(await readFile(join(fixtures, `alembic_${revision}.sql`), 'utf8'));
        const sessions = await client<OldSession[]>`
          select id, name, created_at::timestamptz, updated_at::timestamptz, agent_state
          from chat_sessions order by updated_at desc`;
        const messagesOf = (id: string) => client<OldMessage[]>`
          select *, created_at::timestamptz as created_at from chat_messages where session_id = ${id}
          order by chat_messages.created_at, source = 'user' desc`;
        const old = new Map<string, OldMessage[]>();
        for (const { id } of sessions) old.set(id, await messagesOf(id));

        // As whoever moves stops the application.
        await client.end();
        const model = modelServer();
        const server = await start({ DATABASE_URL: url, ...modelEnv(model) });
        expect(server.output()).toMatch(/FastAPI application .*12 sessions and 208 messages/);
        const list = await json(call(server, 'GET', '/api/sessions?limit=100'));
        expect(list).toEqual(
          sessions.map((session) => ({
            id: session.id,
            name: session.name,
            created_at: session.created_at.toISOString(),
            updated_at: session.updated_at.toISOString(),
            message_count: old.get(session.id)?.length,
            metadata: {},
          })),
        );
        for (const { id, agent_state } of sessions) {
          const history = await json(call(server, 'GET', `/api/sessions/${id}/history?limit=1000`));
          const before = old.get(id) ?? [];
          expect(history).toEqual(
            before.map((message) =>
              expect.objectContaining({
                id: message.id,
                source: message.source,
                content: message.content,
                created_at: message.created_at.toISOString(),
                ...(message.thought ? { thought: message.thought } : {}),
              }),
            ),
          );
          const detail = await json(call(server, 'GET', `/api/sessions/${id}`));
          const remembered = agent_state?.llm_context?.messages?.length
            ? agent_state.llm_context.messages
            : before.map(({ content }) => ({ content }));
          expect(detail.agent_state.llm_context.messages).toMatchObject(remembered);

          await call(server, 'POST', `/api/sessions/${id}/chat`, { content: 'and now?' });
          const asked = model.requests.at(-1)?.body.messages as { content: string }[];
          expect(asked.at(-1)?.content).toBe('and now?');
          const last = remembered.at(-1);
          if (last) expect(asked.at(-2)?.content).toBe(last.content);
        }
        await server.kill('SIGTERM');
        client = postgres(url, { max: 1, onnotice: () => {} });

        const command = [join(import.meta.dir, '..', '..', 'cli', 'db.ts'), 'rollback', 'base'];
        const options = { cwd: await tempFolder(), env: { DATABASE_URL: url } };
        const asked = await runCommand(command, options);
        expect(asked.out).toContain(`chat_messages: ${sessions.length * 2} rows`);
        expect(asked.out).not.toContain('chat_sessions:');
        expect(asked.out).toMatch(/What comes back: .*12 sessions, 208 messages/);
        const back = await runCommand([...command, '--yes'], options);
        expect(back.out + back.err).toMatch(/Brought back .*12 sessions, 208 messages/);
        expect(await client`select version_num from alembic_version`).toHaveLength(1);
        for (const { id } of sessions) expect([...(await messagesOf(id))]).toEqual([...(old.get(id) ?? [])]);
      } finally {
        await client.end();
      }
    }, 180_000);
  });
}
