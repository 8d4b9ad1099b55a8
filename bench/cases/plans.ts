// How PostgreSQL runs each hot query with a million messages: EXPLAIN (ANALYZE, BUFFERS) of what AgentChat sends.
import { z } from 'zod';
import { explainAll, type Plan, readPlans } from '../auto-explain.ts';
import type { Benchmark, Outcome, Text } from '../benchmark.ts';
import { question, sessionId, tagOf } from '../processes/protocol.ts';
import { setUp } from '../setup.ts';

const seeds = [
  { set: 1, sessions: 99_000, messages: 10 },
  { set: 2, sessions: 10, messages: 1000 },
];
/** From the sixth run on a prepared statement may have the plan that it keeps. */
const times = 8;

/** What is shown, and how its query is known. */
const hot: [string, RegExp][] = [
  ['Begin a turn, and read the newest messages before it', /insert into "chat_turns"/],
  [
    'Store pieces of all turns that stream',
    /insert into "chat_turn_events".*json_to_recordset|json_to_recordset.*insert into "chat_turn_events"/,
  ],
  ['Hold the leases of running turns', /"renewed" as/],
  ['Look for turns that nobody holds', /^select .*lease_until < now\(\)\).* limit/],
  ['Complete a turn', /delete from "chat_turn_events".*\$|insert into "chat_messages".*'assistant'/],
  ['History, a page of 100', /"models_usage", "metadata", "created_at" from "chat_messages".*asc limit/],
  ['History before a message', /"models_usage", "metadata", "created_at" from "chat_messages".*desc limit/],
  ['The list of sessions, 20', /from "chat_sessions" where .*desc limit \$\d+ offset/],
  ['The search of sessions, words that are rare', /ilike/],
];

export const plans: Benchmark = {
  name: 'plans',
  about: 'EXPLAIN (ANALYZE, BUFFERS) of every hot query at a million messages',
  async run(stand): Promise<Outcome> {
    const { url, env, agentchat } = await setUp(stand, 'plans', seeds, 'paced/50/50');
    await agentchat.end();
    await explainAll(url);
    // One connection, so that it soon has the plans that it keeps.
    const explained = await stand.agentchat({ ...env, DATABASE_POOL_MAX: '1' });
    for (let n = 0; n < times; n++) {
      stand.say(`plans: ${n + 1} of ${times}`);
      await useAll(explained.url, sessionId(2, n));
    }
    await explained.end();
    const found = await readPlans(url);
    const texts = hot.map(([title, query]) =>
      textOf(
        title,
        found.findLast((plan) => query.test(plan.query)),
      ),
    );
    const missing = texts.filter(({ text }) => text === '').map(({ title }) => `no plan was seen: ${title}`);
    return { tables: [], goals: [], faults: missing, texts, data: found.slice(-200) };
  },
};

/** Every hot query, once or more. */
async function useAll(url: string, id: string): Promise<void> {
  const get = async (path: string) => (await fetch(`${url}/api/sessions${path}`)).json();
  const chat = await fetch(`${url}/api/sessions/${id}/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ content: question(tagOf(0)) }),
  });
  const { id: reply } = z.object({ id: z.string() }).parse(await chat.json());
  await get(`/${id}/history?limit=100`);
  await get(`/${id}/history?limit=100&before=${reply}`);
  await get('?limit=20');
  await get(`?limit=20&q=${encodeURIComponent('of 7.')}`);
}

function textOf(title: string, plan: Plan | undefined): Text {
  return {
    title,
    text:
      plan === undefined
        ? ''
        : `${plan.query.length > 240 ? `${plan.query.slice(0, 240)} …` : plan.query}\n\n${plan.plan}`,
  };
}
