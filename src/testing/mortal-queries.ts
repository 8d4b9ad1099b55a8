// Queries whose process may die before them, behind them, or in the midst of them: with the statement at the database, which
// goes on with it although nobody waits for it any more.
import postgres from 'postgres';
import { z } from 'zod';

type Queries = Record<string, (...parameters: never[]) => Promise<unknown>>;
const ofSession = z.object({ session: z.string() });

/** `point` is passed before and after each; `amidst NAME` dies within the query of that name. */
export function mortalQueries({
  url,
  dieAt,
  point,
}: {
  url: string;
  dieAt: string;
  point: (name: string) => void;
}) {
  return (queries: Queries): Queries =>
    Object.fromEntries(
      Object.entries(queries).map(([name, query]) => [
        name,
        async (...parameters: never[]) => {
          point(`before ${name}`);
          if (dieAt === `amidst ${name}`)
            return dieAmidst(url, ofSession.parse(parameters[0]).session, () => query(...parameters));
          const answer = await query(...parameters);
          point(`after ${name}`);
          return answer;
        },
      ]),
    );
}

/** The session's row is held until the query waits for it; it is let go of by dying. */
async function dieAmidst(url: string, session: string, query: () => Promise<unknown>): Promise<unknown> {
  const holder = postgres(url, { max: 1, onnotice: () => {} });
  return holder.begin(async (sql) => {
    await sql`select from chat_sessions where id = ${session} for update`;
    query().catch(() => {});
    for (;;) {
      const waits = await sql`
        select from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`;
      if (waits.length > 0) process.kill(process.pid, 'SIGKILL');
      await Bun.sleep(5);
    }
  });
}
