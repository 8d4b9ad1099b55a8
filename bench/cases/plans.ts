// How PostgreSQL runs each hot query with a million messages: EXPLAIN (ANALYZE, BUFFERS) of what AgentChat sends.
import { z } from 'zod';
import { explainAll, type Plan, readPlans } from '../auto-explain.ts';
import type { Benchmark, Outcome, Text } from '../benchmark.ts';
import { fillIndex } from '../fill-index.ts';
import { question, sessionId, tagOf } from '../processes/protocol.ts';
import { setUp } from '../setup.ts';

const seeds = [
  { set: 1, sessions: 99_000, messages: 10 },
  { set: 2, sessions: 10, messages: 1000 },
];
/** From the sixth run on a prepared statement may have the plan that it keeps. */
const times = 8;
/** Turns that are asked for at once, and so end at about the same time. */
const atOnce = 20;

/** What is shown, and how its query is known. */
const hot: [string, RegExp][] = [
  ['Begin a turn, and read the newest messages before it', /insert into "chat_turns"/],
  [
    'Store pieces of all turns that stream',
    /insert into "chat_turn_events".*json_to_recordset|json_to_recordset.*insert into "chat_turn_events"/,
  ],
  ['Hold the leases of running turns', /"renewed" as/],
  ['Look for turns that nobody holds', /^select .*lease_until < now\(\)\).* limit/],
  ['Complete a turn', /^with "session" as .*insert into "chat_messages"/],
  ['Complete turns together', /^with "ended" as/],
  ['History, a page of 100', /^with "page_end" as .* order by seq asc, step asc$/],
  ['History before a message', /^with "page_end" as .* order by seq desc, step desc$/],
  ['The list of sessions, 20', /from "chat_sessions" where .*desc limit \$\d+ offset/],
  ['The search of sessions, one after another', /^with "found" as .* offset 0/],
  ['The search of sessions, by its index', /grams @>/],
];

export const plans: Benchmark = {
  name: 'plans',
  about: 'EXPLAIN (ANALYZE, BUFFERS) of every hot query at a million messages',
  async run(stand): Promise<Outcome> {
    const { url, env, agentchat } = await setUp(stand, 'plans', seeds, 'paced/50/50');
    await agentchat.end();
    stand.say('plans: filling the index of the search');
    await fillIndex(url);
    await explainAll(url);
    // One connection, so that it soon has the plans that it keeps.
    const explained = await stand.agentchat({ ...env, DATABASE_POOL_MAX: '1' });
    for (let n = 0; n < times; n++) {
      stand.say(`plans: ${n + 1} of ${times}`);
      await useAll(explained.url, n);
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

/** Every hot query, once or more; the `n`th time. */
async function useAll(url: string, n: number): Promise<void> {
  const id = sessionId(2, n);
  const get = async (path: string) => (await fetch(`${url}/api/sessions${path}`)).json();
  const chat = async (session: string) => {
    const answer = await fetch(`${url}/api/sessions/${session}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ content: question(tagOf(0)) }),
    });
    return z.object({ id: z.string() }).parse(await answer.json()).id;
  };
  await Promise.all(Array.from({ length: atOnce }, (_, lane) => chat(sessionId(1, n * atOnce + lane))));
  const reply = await chat(id);
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
