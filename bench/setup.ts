// A database with conversations in it, AgentChat on it, and the bare handler.
import { type Seed, seedSql, settleSql } from './seed.ts';
import { onDatabase, type Stand } from './stand.ts';

export type Setup = Awaited<ReturnType<typeof setUp>>;

/** `name` is the database's. AgentChat makes its tables; only then do the conversations come. */
export async function setUp(
  stand: Stand,
  name: string,
  seeds: Seed[],
  mode: Parameters<Stand['model']>[0] = 'at-once',
) {
  const url = await stand.database(name);
  const model = await stand.model(mode);
  const env = { DATABASE_URL: url, OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'bench' };
  const agentchat = await stand.agentchat(env, name);
  await onDatabase(url, async (client) => {
    for (const sql of [...seeds.map(seedSql), ...settleSql]) await client.unsafe(sql);
  });
  const bare = await stand.bare({ BARE_DATABASE: url, BARE_MODEL: model.url }, `${name}-bare`);
  return { url, env, model, agentchat, bare };
}
