// Many streams at once, at 50 pieces a second each: whether pieces come in time, what a stream costs, how soon its
// pieces are durable, and whether every one of them is found afterwards.
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
    const seed: Seed = { set: 1, sessions: Math.max(...counts), messages: 0 };
    const started = await setUp(stand, 'streams', [seed], `paced/${perSecond}/${pieces}`);
    const { url, env, model } = started;
    await started.agentchat.end();
    await started.bare.end();
    const sessions = { set: seed.set, count: seed.sessions };
    const measured: Measured[] = [];
    const faults: string[] = [];
    let turns = 0;
    for (const count of counts) {
      const job = { kind: 'streams', sessions, streams: count, pieces } as const;
      // A new process each time: memory that was once taken is not given back.
      const through = async (starting: Promise<Process>): Promise<Round> => {
        const { port, pid, end } = await starting;
        const path = '/api/sessions/:session/chat';
        const before = await stand.streams({ ...job, streams: warmUp, port, path });
        const watching = watchStreams({ url, pid, streams: count, seconds });
        const result = await stand.streams({ ...job, port, path });
        const midway = await watching;
        await end();
        turns += warmUp + count;
        for (const { broken, firstBroken } of [before, result])
          if (broken > 0) faults.push(`${count} streams: ${broken} broken, the first: ${firstBroken}`);
        return { result, midway, before };
      };
      const one: Measured = { count, own: [], bare: [], direct: [] };
      for (let round = 1; round <= rounds; round++) {
        stand.say(`streams: ${count}, round ${round} of ${rounds}`);
        one.own.push(await through(stand.agentchat(env, `streams-${count}`)));
        one.bare.push(await through(stand.bare({ BARE_DATABASE: url, BARE_MODEL: model.url })));
        one.direct.push(await stand.streams({ ...job, port: model.port, path: model.path }));
      }
      measured.push(one);
    }
    faults.push(...(await checkStored(url, seed, turns, pieces)));
    return { ...report(measured), faults, data: measured };
  },
};

/** Whether each turn's stored reply is all of its pieces, each once and in order. */
async function checkStored(url: string, seed: Seed, turns: number, pieces: number): Promise<string[]> {
  const expected = Array.from({ length: pieces }, (_, index) => index).join(',');
  return onDatabase(url, async (client) => {
    const [whole] = await client.unsafe(checkSql(seed, 'is paced'));
    const [stored] = await client`
      select count(*)::int as replies from chat_messages where role = 'assistant'
      and rtrim(regexp_replace(content, '@(\\d+):[0-9.]+ ', '\\1,', 'g'), ',') = ${expected}`;
    const [left] = await client`select count(*)::int as pieces from chat_turn_events`;
    return [
      ...(whole?.turns === turns && whole.faults === 0
        ? []
        : [`${turns} turns, stored: ${JSON.stringify(whole)}`]),
      ...(stored?.replies === turns
        ? []
        : [`${stored?.replies} of ${turns} stored replies have every piece`]),
      ...(left?.pieces === 0 ? [] : [`${left?.pieces} pieces were left behind`]),
    ];
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
