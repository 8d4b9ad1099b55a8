// Turns of callers who are known, limited and counted, beside those of a server that lets in whoever comes.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentChat } from '../agentchat.ts';
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { type Makers, makeCallers } from '../callers.ts';
import { checkTurns } from '../check.ts';
import { medianRatio, summary } from '../closed-results.ts';
import type { ClosedResult } from '../processes/protocol.ts';
import { type Seed, seedSql, settleSql } from '../seed.ts';
import { onDatabase, type Stand } from '../stand.ts';
import { median } from '../stats.ts';
import { ms, percent, rate, ratio } from '../table.ts';
import { usageOf } from '../usage.ts';

const callerCounts = [1, 16, 64];
const most = 64;
const path = '/api/sessions/:session/chat';
const conversations = { sessions: 8000, messages: 10 };
const warmUpSeconds = 4;
/** The search has nothing to catch up with meanwhile. */
const indexed = 'update chat_sessions set indexed_messages = message_count';

/** Who asks, of which sessions. */
type Subject = { name: string; server: AgentChat; seed: Seed; headers?: string[]; counts: number[] };
/** `cpuMs`: the server's processor time a turn. */
type Measured = ClosedResult & { cpuMs: number };

export const access: Benchmark = {
  name: 'access',
  about: 'blocking turns with keys, limits and usage, beside those with none',
  async run(stand): Promise<Outcome> {
    const url = await stand.database('access');
    const model = await stand.model('at-once');
    const open = await stand.agentchat(
      { DATABASE_URL: url, AUTH: 'none', OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'bench' },
      'access-none',
    );
    const closed = await stand.agentchat(
      { DATABASE_URL: url, AUTH: 'keys', MODEL_CONFIG: await withPrices(stand, model.url) },
      'access-keys',
    );
    const subjects = await makeCallers(url, (makers) => subjectsOf(makers, open, closed));
    await onDatabase(url, async (client) => {
      for (const sql of [...subjects.map(({ seed }) => seedSql(seed)), indexed, ...settleSql])
        await client.unsafe(sql);
    });
    const { seconds, rounds } = stand.options;
    const answered = new Map<string, ClosedResult[]>(subjects.map(({ name }) => [name, []]));
    const load = async ({ name, server, seed, headers }: Subject, callers: number, duration = seconds) => {
      const before = usageOf(server.pid).cpuMs;
      const sessions = { set: seed.set, count: seed.sessions, headers };
      const job = { kind: 'turns', port: server.port, path, sessions, callers, seconds: duration } as const;
      const result = await stand.closed(job);
      answered.get(name)?.push(result);
      return { ...result, cpuMs: (usageOf(server.pid).cpuMs - before) / result.answered };
    };
    // One server has fewer rounds than the other: both are to be compiled before the first.
    for (const subject of subjects.slice(0, 2)) await load(subject, most, warmUpSeconds);
    const measured = new Map<number, Record<string, Measured[]>>();
    for (const callers of callerCounts) {
      const now = subjects.filter(({ counts }) => counts.includes(callers));
      const runs = Object.fromEntries(now.map((subject) => [subject.name, () => load(subject, callers)]));
      const say = (round: number) => stand.say(`access: ${callers} callers, round ${round} of ${rounds}`);
      measured.set(callers, await alternate(rounds, runs, say));
    }
    const faults: string[] = [];
    for (const { name, seed } of subjects)
      faults.push(...(await checkTurns(name, url, seed, answered.get(name) ?? [])));
    return {
      ...report(measured),
      faults: [...faults, ...(await checkCounts(url))],
      data: Object.fromEntries(measured),
    };
  },
};

const names = {
  none: 'none, no limits',
  own: 'keys, each an owner',
  one: 'keys of one owner',
  service: 'a service, each an owner',
};

async function subjectsOf(makers: Makers, open: AgentChat, closed: AgentChat): Promise<Subject[]> {
  const people = Array.from({ length: most }, (_, n) => `person ${n}`);
  const users = Array.from({ length: most }, (_, n) => `user ${n}`);
  const keys: string[] = [];
  for (const owner of people) {
    keys.push((await makers.key(owner)).header);
    await makers.limit({ owner });
  }
  const one = await makers.key('one');
  await makers.limit({ owner: 'one' });
  const service = await makers.key('backend', 'service');
  await makers.limit({ owner: 'backend', key: service.id });
  const numbers = async (owners: string[]) => {
    const found: number[] = [];
    for (const owner of owners) found.push(await makers.owner(owner));
    return found;
  };
  const seed = async (set: number, owners: string[]): Promise<Seed> => ({
    set,
    ...conversations,
    owners: await numbers(owners),
  });
  return [
    { name: names.none, server: open, seed: await seed(1, ['local']), counts: callerCounts },
    { name: names.own, server: closed, seed: await seed(2, people), headers: keys, counts: callerCounts },
    { name: names.one, server: closed, seed: await seed(3, ['one']), headers: [one.header], counts: [most] },
    {
      name: names.service,
      server: closed,
      seed: await seed(4, users),
      headers: users.map((user) => `${service.header}\r\nx-owner: ${user}`),
      counts: [most],
    },
  ];
}

/** The model file of what the environment says, with prices. */
async function withPrices(stand: Stand, url: string): Promise<string> {
  const file = join(stand.folder, 'prices.json');
  const config = { model: 'bench', api_key: 'none', base_url: url, model_info: { family: 'unknown' } };
  const prices = { prompt: 0.15, completion: 0.6 };
  await writeFile(file, JSON.stringify({ provider: 'OpenAIChatCompletionClient', config, prices }));
  return file;
}

/** Faults of the ledger, which has each turn once, and of the allowances, which hold nothing any more. */
async function checkCounts(url: string): Promise<string[]> {
  const [row] = await onDatabase(
    url,
    (client) => client`select
      (select sum(turns)::int from chat_usage) as counted,
      (select count(*)::int from chat_turns where started_at < finished_at) as turns,
      (select count(*)::int from chat_allowances where running <> 0 or reserved_tokens <> 0 or reserved_cost <> 0) as held,
      (select count(*)::int from chat_allowances as allowances join (
        select owner_id, sum(turns) as turns, sum(cost) as cost from chat_usage group by 1) as used using (owner_id)
        where (allowances.turns, allowances.cost) is distinct from (used.turns, used.cost)) as other`,
  );
  return [
    ...(row?.counted === row?.turns ? [] : [`${row?.turns} turns ended, the ledger has ${row?.counted}`]),
    ...(row?.held === 0 ? [] : [`${row?.held} allowances hold something for turns that have ended`]),
    ...(row?.other === 0 ? [] : [`${row?.other} allowances have another sum than the ledger`]),
  ];
}

function report(measured: Map<number, Record<string, Measured[]>>): Pick<Outcome, 'tables' | 'goals'> {
  const rows = [...measured].flatMap(([callers, results]) =>
    Object.entries(results).map(([name, its]) => {
      const { perSecond, latency } = summary(its);
      const cpuMs = median(its.map((one) => one.cpuMs));
      const times = [latency.p50, latency.p95, latency.p99, cpuMs].map(ms);
      return [
        `${callers} × ${name}`,
        rate(perSecond),
        ...times,
        ratio(medianRatio(its, results[names.none])),
      ];
    }),
  );
  const crowd = measured.get(most) ?? {};
  const less = 1 - medianRatio(crowd[names.own], crowd[names.none]);
  return {
    tables: [
      {
        title: 'Turns of callers who are known, limited and counted',
        columns: ['callers', 'turns', 'p50', 'p95', 'p99', 'CPU a turn', 'ratio to none'],
        rows,
      },
    ],
    goals: [
      {
        what: `keys and limits at ${most} callers`,
        goal: 'cost at most 5 %',
        measured: percent(Math.max(0, less)),
        met: less <= 0.05,
      },
    ],
  };
}
