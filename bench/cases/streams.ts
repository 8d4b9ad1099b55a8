// Many streams at once, at 50 pieces a second each: whether pieces come in time, what a stream costs, how soon its
// pieces are durable, and whether every one of them is found afterwards.
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import type { StreamsResult } from '../processes/protocol.ts';
import { checkSql, type Seed } from '../seed.ts';
import { setUp } from '../setup.ts';
import { onDatabase } from '../stand.ts';
import { median } from '../stats.ts';
import { kilobytes, ms, percent } from '../table.ts';
import { type Midway, watchStreams } from '../watch-streams.ts';

const counts = [100, 500, 1000];
const perSecond = 50;
/** Streams before those that count, until the code that they run is compiled. */
const warmUp = 100;

type Round = { before: StreamsResult; result: StreamsResult; midway: Midway };
type Process = { port: number; pid: number; end(): Promise<void> };
type Measured = { count: number; own: Round[]; bare: Round[]; direct: StreamsResult[] };

export const streams: Benchmark = {
  name: 'streams',
  about: `${counts.join(', ')} durable streams at ${perSecond} pieces a second at once`,
  async run(stand): Promise<Outcome> {
    const { rounds } = stand.options;
    // They begin over a second, and are watched when all of them run.
    const seconds = Math.max(3, stand.options.seconds);
    const pieces = seconds * perSecond;
    // Sessions of its own for each run, and for its warm-up: what was said before would be part of what is measured.
    const runs = counts.flatMap((count) => Array.from({ length: 2 * rounds }, () => count));
    const seeds = runs.flatMap((count, run) => [
      { set: 2 * run + 1, sessions: warmUp, messages: 0 },
      { set: 2 * run + 2, sessions: count, messages: 0 },
    ]);
    const started = await setUp(stand, 'streams', seeds, `paced/${perSecond}/${pieces}`);
    const { url, env, model } = started;
    await started.agentchat.end();
    await started.bare.end();
    const unused = seeds.values();
    const faults: string[] = [];

    /** `name` is that of the process, in faults. */
    async function through(name: string, starting: Promise<Process>, count: number): Promise<Round> {
      // A new process each time: memory that was once taken is not given back.
      const { port, pid, end } = await starting;
      const stream = async () => {
        const { set = 0, sessions: streams = 0 } = unused.next().value ?? {};
        const path = '/api/sessions/:session/chat';
        const sessions = { set, count: streams };
        const result = await stand.streams({ kind: 'streams', sessions, streams, pieces, port, path });
        if (result.broken > 0)
          faults.push(`${name}: ${result.broken} of ${streams} broken, the first: ${result.firstBroken}`);
        return result;
      };
      const before = await stream();
      const watching = watchStreams({ url, pid, streams: count, seconds });
      const result = await stream();
      const midway = await watching;
      await end();
      return { result, midway, before };
    }

    const measured: Measured[] = [];
    for (const count of counts) {
      const { own, bare, direct } = await alternate(
        rounds,
        {
          own: () => through(`${count} × AgentChat`, stand.agentchat(env, `streams-${count}`), count),
          bare: () =>
            through(
              `${count} × bare handler`,
              stand.bare({ BARE_DATABASE: url, BARE_MODEL: model.url }, `streams-${count}-bare`),
              count,
            ),
          direct: () =>
            stand.streams({
              kind: 'streams',
              sessions: { set: 1, count },
              streams: count,
              pieces,
              port: model.port,
              path: model.path,
            }),
        },
        (round) => stand.say(`streams: ${count}, round ${round} of ${rounds}`),
      );
      measured.push({ count, own, bare, direct });
    }
    faults.push(...(await checkStored(url, seeds, pieces)));
    return { ...report(measured), faults, data: measured };
  },
};

/** Whether each session has its one turn, whose stored reply is all of its pieces, each once and in order. */
async function checkStored(url: string, seeds: Seed[], pieces: number): Promise<string[]> {
  const expected = Array.from({ length: pieces }, (_, index) => index).join(',');
  const turns = seeds.reduce((sum, { sessions }) => sum + sessions, 0);
  return onDatabase(url, async (client) => {
    const faults: string[] = [];
    for (const seed of seeds) {
      const [whole] = await client.unsafe(checkSql(seed, 'is paced'));
      if (whole?.turns !== seed.sessions || whole.faults !== 0)
        faults.push(`${seed.sessions} turns, stored: ${JSON.stringify(whole)}`);
    }
    const [stored] = await client`
      select count(*)::int as replies from chat_messages where role = 'assistant'
      and rtrim(regexp_replace(content, '@(\\d+):[0-9.]+ ', '\\1,', 'g'), ',') = ${expected}`;
    const [left] = await client`select count(*)::int as pieces from chat_turn_events`;
    if (stored?.replies !== turns)
      faults.push(`${stored?.replies} of ${turns} stored replies have every piece`);
    if (left?.pieces !== 0) faults.push(`${left?.pieces} pieces were left behind`);
    return faults;
  });
}

function report(measured: Measured[]) {
  const rows = measured.flatMap(({ count, own, bare, direct }) => [
    [`${count} × AgentChat`, ...timely(own.map(({ result }) => result)), ...costs(own), durable(own)],
    [`${count} × bare handler`, ...timely(bare.map(({ result }) => result)), ...costs(bare), ''],
    [`${count} × direct`, ...timely(direct), '', '', ''],
  ]);
  const most = measured.at(-1);
  const late = median(most?.own.map(({ result }) => result.late / result.pieces) ?? []);
  const bytes = median(most?.own.map(({ midway }) => midway.bytesPerStream) ?? []);
  return {
    tables: [
      {
        title: `Streams at ${perSecond} pieces a second`,
        columns: [
          'streams',
          'over 100 ms late',
          'lag p50',
          'lag p99',
          'memory each',
          'CPU of one core',
          'durable after',
        ],
        rows,
        note:
          'The bare handler stores the message and the whole reply, and no pieces. ' +
          '“Durable after” is the age of the newest piece that is stored, of the stream that is furthest behind.',
      },
    ],
    goals: [
      { what: '1,000 streams, late', goal: 'under 1 %', measured: percent(late), met: late < 0.01 },
      {
        what: '1,000 streams, memory',
        goal: 'under 100 kB each',
        measured: kilobytes(bytes),
        met: bytes < 100 * 1024,
      },
    ],
  };
}

const timely = (results: StreamsResult[]): string[] => [
  percent(median(results.map(({ late, pieces }) => late / pieces))),
  ms(median(results.map(({ lag }) => lag.p50))),
  ms(median(results.map(({ lag }) => lag.p99))),
];
const costs = (rounds: Round[]): string[] => [
  kilobytes(median(rounds.map(({ midway }) => midway.bytesPerStream))),
  percent(median(rounds.map(({ midway }) => midway.cpuShare))),
];
const durable = (rounds: Round[]): string => ms(median(rounds.map(({ midway }) => midway.notDurableMs)));
