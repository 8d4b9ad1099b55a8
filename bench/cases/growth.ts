// The same turn in conversations of very different length: with the default context (the newest messages that fit),
// where the model is shown more of a longer one, and with a context that is always ten messages.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { checkTurns } from '../check.ts';
import { medianRatio, summary } from '../closed-results.ts';
import type { ClosedResult } from '../processes/protocol.ts';
import type { Seed } from '../seed.ts';
import { setUp } from '../setup.ts';
import type { Stand } from '../stand.ts';
import { ms, rate, ratio } from '../table.ts';

const seeds: Seed[] = [
  { set: 1, sessions: 1000, messages: 10 },
  { set: 2, sessions: 100, messages: 1000 },
  { set: 3, sessions: 20, messages: 10_000 },
];
const callers = 4;
const path = '/api/sessions/:session/chat';

export const growth: Benchmark = {
  name: 'growth',
  about: 'the same turn in sessions of 10, 1,000 and 10,000 messages',
  async run(stand): Promise<Outcome> {
    const { url, env, agentchat } = await setUp(stand, 'growth', seeds);
    const tenOnly = await stand.agentchat(
      { ...env, MODEL_CONFIG: await tenMessages(stand, env.OPENAI_BASE_URL) },
      'ten',
    );
    const ports = { 'newest that fit': agentchat.port, 'ten messages': tenOnly.port };
    const { seconds, rounds } = stand.options;
    const subjects = Object.entries(ports).flatMap(([context, port]) =>
      seeds.map(({ set, sessions: count, messages }) => ({
        name: `${messages.toLocaleString('en')}, ${context}`,
        context,
        set,
        run: () => stand.closed({ kind: 'turns', port, path, sessions: { set, count }, callers, seconds }),
      })),
    );
    const results = await alternate(
      rounds,
      Object.fromEntries(subjects.map(({ name, run }) => [name, run])),
      (round) => stand.say(`growth: round ${round} of ${rounds}`),
    );
    const faults: string[] = [];
    for (const seed of seeds) {
      const its = subjects.filter(({ set }) => set === seed.set).flatMap(({ name }) => results[name] ?? []);
      faults.push(...(await checkTurns(`sessions of ${seed.messages}`, url, seed, its)));
    }
    /** How many times the time of a turn in a session of ten messages. */
    const times = (context: string, name: string) => medianRatio(results[`10, ${context}`], results[name]);
    const rows = subjects.map(({ name, context }) => row(name, results[name], times(context, name)));
    const longest = times('ten messages', '10,000, ten messages');
    return {
      tables: [
        {
          title: 'A turn as sessions grow',
          columns: ['messages, context', 'turns', 'p50', 'p99', 'times that of 10'],
          rows,
        },
      ],
      goals: [
        {
          what: 'growth',
          goal: '10,000 messages cost at most 1.1 times what 10 do',
          measured: ratio(longest),
          met: longest <= 1.1,
        },
      ],
      faults,
      data: results,
    };
  },
};

function row(name: string, results: ClosedResult[] | undefined, times: number): string[] {
  const { perSecond, latency } = summary(results);
  return [name, rate(perSecond), ms(latency.p50), ms(latency.p99), ratio(times)];
}

/** A model file whose context is the last ten messages. */
async function tenMessages(stand: Stand, url: string): Promise<string> {
  const file = join(stand.folder, 'ten-messages.json');
  const config = {
    provider: 'autogen_agentchat.agents.AssistantAgent',
    component_type: 'agent',
    config: {
      name: 'assistant',
      model_client: {
        provider: 'OpenAIChatCompletionClient',
        config: { model: 'bench', api_key: 'none', base_url: url, model_info: { family: 'unknown' } },
      },
      model_context: {
        provider: 'autogen_core.model_context.BufferedChatCompletionContext',
        config: { buffer_size: 10 },
      },
    },
  };
  await writeFile(file, JSON.stringify(config));
  return file;
}
