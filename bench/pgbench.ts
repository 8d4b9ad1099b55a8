// pgbench running the SQL of a turn: what the database alone allows. Its client does nothing else.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPostgresBinaries } from '../src/testing/postgres-server.ts';
import { type Sessions, sessionIdSql } from './processes/protocol.ts';
import { beginTurn, completeTurn, written } from './statements.ts';

export type PgbenchResult = { perSecond: number; meanMs: number };

/** Turns per second of `clients`, each with sessions of its own, statements prepared. */
export async function runPgbench(options: {
  url: string;
  folder: string;
  sessions: Sessions;
  clients: number;
  seconds: number;
}): Promise<PgbenchResult> {
  const { url, folder, sessions, clients, seconds } = options;
  const script = join(folder, `turn-${clients}.sql`);
  const own = Math.floor(sessions.count / clients);
  const ids = {
    session: sessionIdSql(String(sessions.set), ':n'),
    turn: `md5(:a || '-' || :b || '-t')::uuid`,
    lease: `md5(:a || '-' || :b || '-l')::uuid`,
    reply: `md5(:a || '-' || :b || '-r')::uuid`,
    message: 'gen_random_uuid()',
  };
  const lines = [
    `\\set n random(0, ${own - 1}) * ${clients} + :client_id`,
    '\\set a random(0, 2000000000)',
    '\\set b random(0, 2000000000)',
    `${oneLine(written(beginTurn, { ...ids, content: `'#000000000000 What does a turn cost, and where does it go?'` }))};`,
    `${oneLine(
      written(completeTurn, {
        ...ids,
        content: `'Re: #000000000000 It costs two writes and one answer.'`,
        usage: `'{"prompt_tokens": 20, "completion_tokens": 8}'`,
        metadata: `'{"model": "bench"}'`,
      }),
    )};`,
  ];
  await writeFile(script, `${lines.join('\n')}\n`);
  const program = join(findPostgresBinaries() ?? '', 'pgbench');
  const child = Bun.spawn(
    [program, '-n', '-M', 'prepared', '-f', script, '-c', String(clients), '-T', String(seconds), url],
    { stdout: 'pipe', stderr: 'pipe' },
  );
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(out)?.[1] ?? Number.NaN);
  const meanMs = Number(/^latency average = ([\d.]+) ms/m.exec(out)?.[1] ?? Number.NaN);
  if ((await child.exited) !== 0 || Number.isNaN(perSecond)) throw new Error(`pgbench failed:\n${err}`);
  return { perSecond, meanMs };
}

const oneLine = (sql: string) => sql.trim().replace(/\s+/g, ' ');
