// Looks at the table of turns while they run: what must stay as it was given, or only go forward, over all attempts.
import postgres from 'postgres';
import { z } from 'zod';

export type WatchedTurn = {
  /** One, if all is well. */
  replyIds: Set<string>;
  step: number;
  attempt: number;
  /** Sentences about what went back. */
  faults: string[];
};

const row = z.object({
  id: z.string(),
  reply_id: z.string().nullable(),
  step: z.number(),
  attempt: z.number(),
});
type Row = z.infer<typeof row>;

const everyMs = 150;

/** Looks until `going` says no. A database that is away is looked at later. */
export async function watchTurns(
  databaseUrl: string,
  watched: Map<string, WatchedTurn>,
  going: () => boolean,
): Promise<void> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    for (; going(); await Bun.sleep(everyMs)) {
      const rows = await sql`select id, reply_id, step, attempt from chat_turns
        where created_at > now() - interval '2 minutes'`.catch(() => []);
      for (const turn of z.array(row).parse(rows)) note(watched, turn);
    }
  } finally {
    await sql.end({ timeout: 2 });
  }
}

/** Takes what was seen of a turn into what is known of it. */
export function note(watched: Map<string, WatchedTurn>, { id, reply_id, step, attempt }: Row): void {
  const known = watched.get(id) ?? { replyIds: new Set(), step, attempt, faults: [] };
  watched.set(id, known);
  if (step < known.step) known.faults.push(`turn ${id} was at step ${known.step}, and then at ${step}`);
  if (attempt < known.attempt)
    known.faults.push(`turn ${id} was in attempt ${known.attempt}, and then in ${attempt}`);
  known.step = step;
  known.attempt = attempt;
  if (reply_id !== null) known.replyIds.add(reply_id);
}
