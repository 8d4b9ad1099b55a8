// The time to the first piece of a streamed reply, beside that of asking the model server directly.
import { alternate } from '../alternate.ts';
import type { Benchmark, Goal, Outcome } from '../benchmark.ts';
import { checkHistory, checkTurns, wrongAnswers } from '../check.ts';
import { summary } from '../closed-results.ts';
import type { ClosedResult, Latency } from '../processes/protocol.ts';
import type { Seed } from '../seed.ts';
import { setUp } from '../setup.ts';
import { median } from '../stats.ts';
import { ms } from '../table.ts';

const seed: Seed = { set: 1, sessions: 4000, messages: 10 };
const callerCounts = [1, 16];

type Pair = { agentchat: ClosedResult[]; direct: ClosedResult[] };

export const firstPiece: Benchmark = {
  name: 'first-piece',
  about: 'time to the first streamed piece, beside asking the model server directly',
  async run(stand): Promise<Outcome> {
    const { url, model, agentchat } = await setUp(stand, 'first-piece', [seed]);
    const { seconds, rounds } = stand.options;
    const sessions = { set: seed.set, count: seed.sessions };
    const measured = new Map<number, Pair>();
    for (const callers of callerCounts) {
      const common = { kind: 'first-piece', sessions, callers, seconds } as const;
      const results = await alternate(
        rounds,
        {
          agentchat: () =>
            stand.closed({
              ...common,
              port: agentchat.port,
              path: '/api/sessions/:session/chat',
              direct: false,
            }),
          direct: () => stand.closed({ ...common, port: model.port, path: model.path, direct: true }),
        },
        (round) => stand.say(`first piece: ${callers} callers, round ${round} of ${rounds}`),
      );
      measured.set(callers, results);
    }
    const pairs = [...measured.values()];
    const faults = [
      ...(await checkTurns(
        'AgentChat',
        url,
        seed,
        pairs.flatMap(({ agentchat: own }) => own),
      )),
      ...wrongAnswers(
        'the model server',
        pairs.flatMap(({ direct }) => direct),
      ),
      ...(await checkHistory(agentchat.url, seed)),
    ];
    const rows = [...measured].flatMap(([callers, pair]) => [
      line(`${callers} × AgentChat`, summary(pair.agentchat).latency),
      line(`${callers} × direct`, summary(pair.direct).latency),
      [`${callers} × added`, ...(['p50', 'p95', 'p99'] as const).map((at) => ms(added(pair, at)))],
    ]);
    return {
      tables: [{ title: 'The first piece', columns: ['callers', 'p50', 'p95', 'p99'], rows }],
      goals: goals(measured.get(1)),
      faults,
      data: Object.fromEntries(measured),
    };
  },
};

const line = (name: string, latency: Latency) => [name, ms(latency.p50), ms(latency.p95), ms(latency.p99)];

const added = ({ agentchat, direct }: Pair, at: 'p50' | 'p95' | 'p99'): number =>
  median(agentchat.map(({ latency }, round) => latency[at] - (direct[round]?.latency[at] ?? 0)));

function goals(pair: Pair | undefined): Goal[] {
  if (!pair) return [];
  const goal = (at: 'p50' | 'p99', most: number): Goal => ({
    what: `first piece, ${at}`,
    goal: `at most ${most} ms over the direct call`,
    measured: `${ms(added(pair, at))} over`,
    met: added(pair, at) <= most,
  });
  return [goal('p50', 2), goal('p99', 10)];
}
