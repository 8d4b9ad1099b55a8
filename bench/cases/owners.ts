// What a server keeps of owners who come by: its memory, and what the database has of them.
import type { AgentChat } from '../agentchat.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { makeCallers } from '../callers.ts';
import { askEach } from '../many-owners.ts';
import { onDatabase, type Stand } from '../stand.ts';
import { megabytes } from '../table.ts';
import { usageOf } from '../usage.ts';

const counts = [10_000, 50_000, 100_000];
const path = '/api/sessions?limit=1';
const settleMs = 3000;

/** Resident memory before the first request, and after so many. */
type Grown = { before: number; after: number[] };

export const owners: Benchmark = {
  name: 'owners',
  about: 'memory of a server that 100,000 owners come to, beside as many requests of one',
  async run(stand): Promise<Outcome> {
    const url = await stand.database('owners');
    const model = await stand.model('silent');
    const env = {
      DATABASE_URL: url,
      AUTH: 'proxy',
      AUTH_PROXY_HEADER: 'X-Forwarded-User',
      AUTH_PROXY_FROM: '127.0.0.1',
      OPENAI_BASE_URL: model.url,
      OPENAI_MODEL: 'bench',
    };
    // Everybody is limited: what is kept of a limit is kept of each.
    const limited = await stand.agentchat(env);
    await makeCallers(url, (makers) => makers.limit({ owner: '*' }));
    await limited.end();
    const grown = {
      many: await grow(stand, 'each by another owner', await stand.agentchat(env, 'owners'), (n) => n),
      one: await grow(stand, 'all by one', await stand.agentchat(env, 'owners-one'), () => 0),
    };
    const [rows] = await onDatabase(
      url,
      (client) => client<{ owners: number; allowances: number; bytes: number }[]>`
        select (select count(*)::int from chat_owners where name like 'owner %') as owners,
          (select count(*)::int from chat_allowances) as allowances,
          (pg_total_relation_size('chat_owners') + pg_total_relation_size('chat_allowances'))::int as bytes`,
    );
    const missing = (counts.at(-1) ?? 0) - (rows?.owners ?? 0);
    const faults = missing === 0 ? [] : [`${missing} owners are not in the database`];
    return { ...report(grown, rows?.bytes ?? 0), faults, data: { grown, rows } };
  },
};

async function grow(
  stand: Stand,
  who: string,
  { port, pid }: AgentChat,
  ownerOf: (n: number) => number,
): Promise<Grown> {
  await Bun.sleep(settleMs);
  const before = usageOf(pid).rssBytes;
  const after: number[] = [];
  let from = 0;
  for (const to of counts) {
    stand.say(`owners: ${to} requests, ${who}`);
    await askEach({ port, path, from, to, header: (n) => `x-forwarded-user: owner ${ownerOf(n)}` });
    await Bun.sleep(settleMs);
    after.push(usageOf(pid).rssBytes);
    from = to;
  }
  return { before, after };
}

function report({ many, one }: Record<'many' | 'one', Grown>, bytes: number) {
  const row = (name: string, { before, after }: Grown) => [name, ...[before, ...after].map(megabytes)];
  const last = counts.at(-1) ?? 0;
  const more = (many.after.at(-1) ?? 0) - (many.after[0] ?? 0);
  const mostMore = 32 * 1024 ** 2;
  return {
    tables: [
      {
        title: 'Memory of a server after so many requests',
        columns: ['requests', 'before', ...counts.map((count) => count.toLocaleString('en'))],
        rows: [row('each by another owner', many), row('all by one owner', one)],
        note: `In the database an owner who came by, and is limited, is ${Math.round(bytes / last)} bytes.`,
      },
    ],
    goals: [
      {
        what: 'owners 10,000 to 100,000',
        goal: `at most ${megabytes(mostMore)} more`,
        measured: `${megabytes(Math.max(0, more))} more`,
        met: more <= mostMore,
      },
    ],
  };
}
