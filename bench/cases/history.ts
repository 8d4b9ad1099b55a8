// Reading a hundred messages, beside the bare handler that reads the same rows.
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { wrongAnswers } from '../check.ts';
import { medianRatio } from '../closed-results.ts';
import { readColumns, readRow } from '../read-rows.ts';
import type { Seed } from '../seed.ts';
import { setUp } from '../setup.ts';
import { ratio } from '../table.ts';

const seed: Seed = { set: 1, sessions: 500, messages: 100 };
const callers = 16;

export const history: Benchmark = {
  name: 'history',
  about: 'the history of 100 messages, beside the bare handler',
  async run(stand): Promise<Outcome> {
    const { agentchat, bare } = await setUp(stand, 'history', [seed]);
    const { seconds, rounds } = stand.options;
    const read = (port: number) =>
      stand.closed({
        kind: 'gets',
        port,
        path: '/api/sessions/:session/history?limit=100',
        sessions: { set: seed.set, count: seed.sessions },
        has: '"content":"Message 100 of ',
        callers,
        seconds,
      });
    const results = await alternate(
      rounds,
      { agentchat: () => read(agentchat.port), bare: () => read(bare.port) },
      (round) => stand.say(`history: round ${round} of ${rounds}`),
    );
    const share = medianRatio(results.agentchat, results.bare);
    return {
      tables: [
        {
          title: `History of ${seed.messages} messages, ${callers} callers`,
          columns: readColumns,
          rows: [readRow('AgentChat', results.agentchat, share), readRow('bare handler', results.bare, 1)],
        },
      ],
      goals: [
        {
          what: 'history',
          goal: 'at least 0.8 of the bare handler',
          measured: ratio(share),
          met: share >= 0.8,
        },
      ],
      faults: [...wrongAnswers('AgentChat', results.agentchat), ...wrongAnswers('bare', results.bare)],
      data: results,
    };
  },
};
