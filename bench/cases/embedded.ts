// Blocking turns on the embedded database, beside the bare handler on PGlite itself.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { alternate } from '../alternate.ts';
import type { Benchmark, Outcome } from '../benchmark.ts';
import { checkHistory, turnFaults } from '../check.ts';
import { medianRatio } from '../closed-results.ts';
import type { ClosedResult } from '../processes/protocol.ts';
import { readColumns, readRow } from '../read-rows.ts';
import { checkSql, type Seed, seedSql } from '../seed.ts';
import type { Stand } from '../stand.ts';

const seed: Seed = { set: 1, sessions: 1000, messages: 10 };
const callerCounts = [1, 16];

export const embedded: Benchmark = {
  name: 'embedded',
  about: 'blocking turns on the embedded database (PGlite)',
  async run(stand): Promise<Outcome> {
    const { url: model } = await stand.model('at-once');
    const env = { OPENAI_BASE_URL: model, OPENAI_MODEL: 'bench', DATA_DIR: join(stand.folder, 'embedded') };
    const files = { own: join(env.DATA_DIR, 'pglite'), bare: join(stand.folder, 'embedded-bare') };
    await (await stand.agentchat(env)).end();
    await execute(stand, files.own, seedSql(seed));
    await cp(files.own, files.bare, { recursive: true });

    const agentchat = await stand.agentchat(env, 'embedded');
    const bare = await stand.bare({ BARE_FOLDER: files.bare, BARE_MODEL: model }, 'embedded-bare');
    const { seconds, rounds } = stand.options;
    const measured: { callers: number; own: ClosedResult[]; bare: ClosedResult[] }[] = [];
    for (const callers of callerCounts) {
      const sessions = { set: seed.set, count: seed.sessions };
      const load = (port: number) =>
        stand.closed({
          kind: 'turns',
          port,
          path: '/api/sessions/:session/chat',
          sessions,
          callers,
          seconds,
        });
      const results = await alternate(
        rounds,
        { own: () => load(agentchat.port), bare: () => load(bare.port) },
        (round) => stand.say(`embedded: ${callers} callers, round ${round} of ${rounds}`),
      );
      measured.push({ callers, ...results });
    }
    const faults = await checkHistory(agentchat.url, seed);
    await agentchat.end();
    await bare.end();
    for (const who of ['own', 'bare'] as const) {
      const stored = await execute(stand, files[who], checkSql(seed, 'repeats the tag'));
      faults.push(
        ...turnFaults(
          who === 'own' ? 'AgentChat' : 'bare',
          stored[0],
          measured.flatMap((one) => one[who]),
        ),
      );
    }
    const rows = measured.flatMap(({ callers, own, bare: limit }) => [
      readRow(`${callers} × AgentChat`, own, medianRatio(own, limit)),
      readRow(`${callers} × bare handler`, limit, 1),
    ]);
    return {
      tables: [{ title: 'Turns on the embedded database', columns: readColumns, rows }],
      goals: [],
      faults,
      data: measured,
    };
  },
};

/** Runs SQL on the files of an embedded database that nobody uses; gives the last statement's rows. */
async function execute(stand: Stand, folder: string, sql: string): Promise<Record<string, unknown>[]> {
  const database = await stand.bare({ BARE_FOLDER: folder });
  const results = (await database.ask(sql)) as { rows: Record<string, unknown>[] }[];
  await database.end();
  return results.at(-1)?.rows ?? [];
}
