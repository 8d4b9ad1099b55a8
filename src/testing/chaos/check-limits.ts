// Limits and the ledger in a run: whoever calls has limits, and at the end what they count and what the ledger has add up
// with the turns and what the model reported.
import postgres from 'postgres';
import { z } from 'zod';
import { localOwner } from '../../db/owner.ts';
import { type Finding, finding } from './findings.ts';
import { withClient } from './postgres-faults.ts';
import type { ChaosRecord } from './record.ts';

/** The prompt that each reported step has: so large that all estimates together are less. */
export const reportedPrompt = 1_000_000_000;

const everyMs = 100;

/** So many turns at once, less than clients want; days and tokens are counted and never reached. */
export async function setLimits(databaseUrl: string, runningTurns: number): Promise<void> {
  await withClient(
    databaseUrl,
    (
      sql,
    ) => sql`insert into chat_limits (owner_id, running_turns, turns_per_day, tokens_per_day, cost_per_month)
      values (${localOwner}, ${runningTurns}, 1000000, ${String(Number.MAX_SAFE_INTEGER)}, 1000000)`,
  );
}

/** Looks how many turns have not ended, until `going` says no; gives the most. A database that is away is looked at later. */
export async function watchUnfinished(databaseUrl: string, going: () => boolean): Promise<number> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  let most = 0;
  try {
    for (; going(); await Bun.sleep(everyMs)) {
      const rows = await sql`
        select count(*)::int as count from chat_turns where status in ('queued', 'running', 'waiting')`.catch(
        () => [],
      );
      for (const { count } of z.array(z.object({ count: z.number() })).parse(rows))
        most = Math.max(most, count);
    }
  } finally {
    await sql.end({ timeout: 2 });
  }
  return most;
}

const sums = z.object({
  running: z.number(),
  reserved_tokens: z.number(),
  reserved_cost: z.number(),
  counted_turns: z.number(),
  counted_tokens: z.number(),
  used_turns: z.number(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  turns: z.number(),
  answered: z.number(),
  reported: z.number(),
});
export type LimitSums = z.infer<typeof sums>;

/** When no turn is open any more. `days`: more than one, where a run went over midnight, and a day's counts begin anew. */
export async function readSums(databaseUrl: string): Promise<{ sums: LimitSums; days: number }> {
  return withClient(databaseUrl, async (sql) => {
    const [row] = await sql`select * from
      (select running, reserved_tokens::float8, reserved_cost::float8, turns as counted_turns, tokens::float8 as counted_tokens
        from chat_allowances where owner_id = ${localOwner}) as counted,
      (select sum(turns)::int as used_turns, sum(prompt_tokens)::float8 as prompt_tokens,
        sum(completion_tokens)::float8 as completion_tokens, count(distinct day)::int as days from chat_usage) as used,
      (select count(*)::int as turns, count(*) filter (where status = 'completed')::int as answered from chat_turns) as turns,
      (select count(*)::int as reported from chat_messages where role = 'assistant' and models_usage is not null) as said`;
    return { sums: sums.parse(row), days: z.object({ days: z.number() }).parse(row).days };
  });
}

export function checkLimits(
  record: Pick<ChaosRecord, 'sent'>,
  { sums, days }: { sums: LimitSums; days: number },
  limit: { runningTurns: number; mostUnfinished: number },
): Finding[] {
  const passed = finding('more turns at once than the limit lets');
  const stuck = finding('limits that count what has ended');
  const ledger = finding('usage that does not add up with the turns');
  if (limit.mostUnfinished > limit.runningTurns)
    passed.add(`${limit.mostUnfinished} had not ended at once, and ${limit.runningTurns} may`);
  const { running, reserved_tokens, reserved_cost, counted_turns, counted_tokens } = sums;
  if (running !== 0 || reserved_tokens !== 0 || reserved_cost !== 0)
    stuck.add(`${running} running, ${reserved_tokens} tokens and ${reserved_cost} held, and no turn is open`);

  const { used_turns, prompt_tokens, completion_tokens, turns, answered, reported } = sums;
  // A retry begins and ends a turn once more.
  const most = turns + record.sent.reduce((sum, { retries }) => sum + retries, 0);
  if (used_turns < answered || used_turns > most)
    ledger.add(
      `${used_turns} turns were used, and ${answered} are answered of ${turns}, begun ${most} times at most`,
    );
  if (Math.floor(prompt_tokens / reportedPrompt) !== reported)
    ledger.add(
      `${prompt_tokens} tokens of prompts, and ${reported} steps were reported with ${reportedPrompt} each`,
    );
  if (days !== 1) return [passed, stuck, ledger];
  if (counted_turns < turns || counted_turns > most)
    stuck.add(`${counted_turns} turns are counted, and ${turns} were begun, ${most} times at most`);
  if (counted_tokens !== prompt_tokens + completion_tokens)
    stuck.add(`${counted_tokens} tokens are counted, and ${prompt_tokens + completion_tokens} used`);
  return [passed, stuck, ledger];
}
