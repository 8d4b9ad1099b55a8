// How long a start takes, and what a server that does nothing costs.
import { join } from 'node:path';
import type { AgentChat } from '../agentchat.ts';
import type { Benchmark, Goal, Outcome } from '../benchmark.ts';
import { withFollowers } from '../followers.ts';
import type { Stand } from '../stand.ts';
import { median } from '../stats.ts';
import { kilobytes, megabytes, ms } from '../table.ts';
import { usageOf } from '../usage.ts';

const followers = 1000;
const idleMs = 2000;

type Kind = 'PostgreSQL' | 'embedded';
type Round = { startMs: number; idleBytes: number };

export const start: Benchmark = {
  name: 'start',
  about: 'cold start to the first answer, idle memory, memory of idle followers',
  async run(stand): Promise<Outcome> {
    const { url: model } = await stand.model('silent');
    const common = { OPENAI_BASE_URL: model, OPENAI_MODEL: 'bench' };
    const environments: Record<Kind, Record<string, string>> = {
      PostgreSQL: { ...common, DATABASE_URL: await stand.database('start') },
      embedded: { ...common, DATA_DIR: join(stand.folder, 'start') },
    };
    const measured: Record<Kind, Round[]> = { PostgreSQL: [], embedded: [] };
    for (const [kind, env] of Object.entries(environments) as [Kind, Record<string, string>][]) {
      // The first start makes the tables.
      await (await stand.agentchat(env)).end();
      for (let round = 1; round <= stand.options.rounds; round++) {
        stand.say(`start: ${kind}, round ${round} of ${stand.options.rounds}`);
        measured[kind].push(await startOnce(stand, env));
      }
    }
    const perFollower = await bytesPerFollower(await stand.agentchat(environments.PostgreSQL));
    return { ...report(measured, perFollower), faults: [], data: { measured, perFollower } };
  },
};

async function startOnce(stand: Stand, env: Record<string, string>): Promise<Round> {
  const server = await stand.agentchat(env);
  await Bun.sleep(idleMs);
  const { rssBytes } = usageOf(server.pid);
  await server.end();
  return { startMs: server.startMs, idleBytes: rssBytes };
}

async function bytesPerFollower({ port, pid }: AgentChat): Promise<number> {
  await Bun.sleep(idleMs);
  const before = usageOf(pid).rssBytes;
  const during = await withFollowers(port, followers, async () => {
    await Bun.sleep(idleMs);
    return usageOf(pid).rssBytes;
  });
  return (during - before) / followers;
}

function report(measured: Record<Kind, Round[]>, perFollower: number) {
  const startMs = (kind: Kind) => median(measured[kind].map((round) => round.startMs));
  const idle = (kind: Kind) => median(measured[kind].map((round) => round.idleBytes));
  const row = (name: string, kind: Kind) => [name, ms(startMs(kind)), megabytes(idle(kind))];
  const goal = (what: string, most: number, value: number, show: (value: number) => string): Goal => ({
    what,
    goal: `under ${show(most)}`,
    measured: show(value),
    met: value < most,
  });
  return {
    tables: [
      {
        title: 'Start',
        columns: ['database', 'to the first answer', 'idle memory'],
        rows: [row('PostgreSQL', 'PostgreSQL'), row('embedded, existing', 'embedded')],
        note: `A thousand idle followers of one turn: ${megabytes(perFollower * 1000)} (${kilobytes(perFollower)} each).`,
      },
    ],
    goals: [
      goal('start on PostgreSQL', 400, startMs('PostgreSQL'), ms),
      goal('start, embedded', 1500, startMs('embedded'), ms),
      goal('idle on PostgreSQL', 120 * 1024 ** 2, idle('PostgreSQL'), megabytes),
    ],
  };
}
