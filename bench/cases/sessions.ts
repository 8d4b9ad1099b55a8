// The list of 20 sessions among 1,000 and among 100,000 with a million messages, and the search in it.
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { wrongAnswers } from '../check.ts';
import { medianRatio } from '../closed-results.ts';
import { fillIndex } from '../fill-index.ts';
import type { ClosedResult } from '../processes/protocol.ts';
import { readColumns, readRow } from '../read-rows.ts';
import type { Seed } from '../seed.ts';
import { type Setup, setUp } from '../setup.ts';
import { ratio } from '../table.ts';

const small: Seed = { set: 1, sessions: 1000, messages: 10 };
const large: Seed = { set: 1, sessions: 100_000, messages: 10 };

/** A page that is asked for: where, by how many, and what must be in it. */
type Page = { name: string; path: string; setup: Setup; callers: number; has: string };

export const sessions: Benchmark = {
  name: 'sessions',
  about: 'the list of 20 among 1,000 and 100,000 sessions, and the search, beside the bare handler',
  async run(stand): Promise<Outcome> {
    const list = '/api/sessions?limit=20';
    const few = await setUp(stand, 'sessions-1000', [small]);
    const many = await setUp(stand, 'sessions-100000', [large]);
    stand.say('sessions: filling the index of the search');
    await fillIndex(many.url);
    const last = `"name":"Session ${large.sessions - 1}"`;
    const pages: Page[] = [
      { name: '1,000', path: list, setup: few, callers: 16, has: `"name":"Session ${small.sessions - 1}"` },
      { name: '100,000', path: list, setup: many, callers: 16, has: last },
      // Found at once, as any newest session has it; and found only at the very end.
      { name: '100,000, ?q= common', path: `${list}&q=conversation`, setup: many, callers: 4, has: last },
      {
        name: '100,000, ?q= rare',
        path: `${list}&q=${encodeURIComponent('of 7.')}`,
        setup: many,
        callers: 1,
        has: '"name":"Session 7"',
      },
    ];
    const { rounds, seconds } = stand.options;
    const measured: { page: Page; own: ClosedResult[]; bare: ClosedResult[] }[] = [];
    for (const page of pages) {
      const { path, setup, callers, has } = page;
      const read = (port: number) =>
        stand.closed({
          kind: 'gets',
          port,
          path,
          sessions: { set: 1, count: callers },
          has,
          callers,
          seconds,
        });
      const results = await alternate(
        rounds,
        { own: () => read(setup.agentchat.port), bare: () => read(setup.bare.port) },
        (round) => stand.say(`sessions: ${page.name}, round ${round} of ${rounds}`),
      );
      measured.push({ page, ...results });
    }
    const share = (at: number) => medianRatio(measured[at]?.own, measured[at]?.bare);
    const kept = medianRatio(measured[1]?.own, measured[0]?.own);
    return {
      tables: [
        {
          title: 'The list of 20 sessions',
          columns: readColumns,
          rows: measured.flatMap(({ page, own, bare }, at) => [
            readRow(`${page.name} × AgentChat`, own, share(at)),
            readRow(`${page.name} × bare handler`, bare, 1),
          ]),
        },
      ],
      goals: [
        {
          what: 'sessions',
          goal: 'at least 0.8 of the bare handler',
          measured: ratio(share(1)),
          met: share(1) >= 0.8,
        },
        {
          what: 'sessions, 100,000 to 1,000',
          goal: 'no slower (within 10 %)',
          measured: ratio(kept),
          met: kept >= 0.9,
        },
      ],
      faults: measured.flatMap(({ page, own, bare }) => [
        ...wrongAnswers(page.name, own),
        ...wrongAnswers(`${page.name}, bare`, bare),
      ]),
      data: measured.map(({ page, own, bare }) => ({ name: page.name, own, bare })),
    };
  },
};
