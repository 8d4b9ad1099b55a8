// Blocking turns, beside a bare handler that writes the same rows and pgbench that runs the same SQL.
import { alternate } from '../alternate.ts';
import type { Benchmark, Goal, Outcome } from '../benchmark.ts';
import { checkHistory, checkTurns } from '../check.ts';
import { medianRatio, summary } from '../closed-results.ts';
import { type PgbenchResult, runPgbench } from '../pgbench.ts';
import type { ClosedResult, Sessions } from '../processes/protocol.ts';
import type { Seed } from '../seed.ts';
import { setUp } from '../setup.ts';
import { median } from '../stats.ts';
import { ms, rate, ratio } from '../table.ts';
import { usageOf } from '../usage.ts';

const callerCounts = [1, 16, 64];
const path = '/api/sessions/:session/chat';
// Enough that they stay short conversations, whatever is added.
const conversations = { sessions: 8000, messages: 10 };
const seeds = {
  agentchat: { set: 1, ...conversations },
  bare: { set: 2, ...conversations },
  pgbench: { set: 3, ...conversations },
};

/** `cpuMs`: the process's processor time a turn. */
type Measured = ClosedResult & { cpuMs: number };
type Results = { agentchat: Measured[]; bare: Measured[]; pgbench: PgbenchResult[] };

export const turn: Benchmark = {
  name: 'turn',
  about: 'blocking turns a second and their latency, at 1, 16 and 64 callers',
  async run(stand): Promise<Outcome> {
    const { url, agentchat, bare } = await setUp(stand, 'turn', Object.values(seeds));
    const { seconds, rounds } = stand.options;
    const measured = new Map<number, Results>();
    for (const callers of callerCounts) {
      const load = async ({ port, pid }: { port: number; pid: number }, { set, sessions: count }: Seed) => {
        const before = usageOf(pid).cpuMs;
        const result = await stand.closed({
          kind: 'turns',
          port,
          path,
          sessions: { set, count },
          callers,
          seconds,
        });
        return { ...result, cpuMs: (usageOf(pid).cpuMs - before) / result.answered };
      };
      const results = await alternate(
        rounds,
        {
          agentchat: () => load(agentchat, seeds.agentchat),
          bare: () => load(bare, seeds.bare),
          pgbench: () => {
            const sessions: Sessions = { set: seeds.pgbench.set, count: seeds.pgbench.sessions };
            return runPgbench({ url, folder: stand.folder, sessions, clients: callers, seconds });
          },
        },
        (round) => stand.say(`turn: ${callers} callers, round ${round} of ${rounds}`),
      );
      measured.set(callers, results);
    }
    const all = [...measured.values()];
    const faults = [
      ...(await checkTurns(
        'AgentChat',
        url,
        seeds.agentchat,
        all.flatMap((one) => one.agentchat),
      )),
      ...(await checkTurns(
        'the bare handler',
        url,
        seeds.bare,
        all.flatMap((one) => one.bare),
      )),
      ...(await checkHistory(agentchat.url, seeds.agentchat)),
    ];
    return { ...report(measured), faults, data: Object.fromEntries(measured) };
  },
};

function report(measured: Map<number, Results>): Pick<Outcome, 'tables' | 'goals'> {
  const rows = [...measured].flatMap(([callers, { agentchat, bare, pgbench }]) => {
    const line = (name: string, results: Measured[], share: number) => {
      const { perSecond, latency } = summary(results);
      const cpuMs = median(results.map((one) => one.cpuMs));
      const times = [latency.p50, latency.p95, latency.p99, cpuMs].map(ms);
      return [`${callers} × ${name}`, rate(perSecond), ...times, ratio(share)];
    };
    const database = {
      perSecond: median(pgbench.map((one) => one.perSecond)),
      meanMs: median(pgbench.map((one) => one.meanMs)),
    };
    return [
      line('AgentChat', agentchat, medianRatio(agentchat, bare)),
      line('bare handler', bare, 1),
      [
        `${callers} × pgbench`,
        rate(database.perSecond),
        `${ms(database.meanMs)} (mean)`,
        ...['', '', ''],
        ratio(database.perSecond / summary(bare).perSecond),
      ],
    ];
  });
  return {
    tables: [
      {
        title: 'Turns',
        columns: ['callers', 'turns', 'p50', 'p95', 'p99', 'CPU a turn', 'ratio to bare'],
        rows,
      },
    ],
    goals: [throughputGoal(measured.get(64)), latencyGoal(measured.get(1))].flat(),
  };
}

function throughputGoal(results: Results | undefined): Goal[] {
  if (!results) return [];
  const share = medianRatio(results.agentchat, results.bare);
  const goal = 'at least 0.8 of the bare handler';
  return [{ what: 'turn at 64 callers', goal, measured: ratio(share), met: share >= 0.8 }];
}

function latencyGoal(results: Results | undefined): Goal[] {
  if (!results) return [];
  const over = median(
    results.agentchat.map((one, round) => one.latency.p50 - (results.bare[round]?.latency.p50 ?? 0)),
  );
  return [
    {
      what: 'turn at one caller, p50',
      goal: 'at most 1 ms over the bare handler',
      measured: `${ms(over)} over`,
      met: over <= 1,
    },
  ];
}
