// What this process has changed in rows of chat_allowances by turns that began and ended here: it brings up to date what
// was read of such a row a moment ago, without asking again.
import type { TurnLimitName } from '../../words/limits.ts';
import type { Owner } from '../owner.ts';
import { zeroKey } from './periods.ts';
import type { Spent } from './usage.ts';

/** Sums since the row was first looked at here, so only differences of two of them say something. */
export type Tallied = Record<TurnLimitName, number>;

/** Whom a turn counts for; `limited`: whether it counts at all. */
type Counted = { limited: boolean; keyId: string | null };

/** The most rows of which something is known; the others are looked at anew. */
const most = 10_000;

export type Tally = ReturnType<typeof createTally>;

export function createTally() {
  const rows = new Map<string, Tallied>();

  function add(owner: Owner, { limited, keyId }: Counted, change: Partial<Tallied>): void {
    if (!limited) return;
    for (const name of [rowName(owner, zeroKey), rowName(0, keyId ?? zeroKey)]) {
      const row = rows.get(name);
      if (!row) continue;
      row.running_turns += change.running_turns ?? 0;
      row.turns_per_day += change.turns_per_day ?? 0;
      row.tokens_per_day += change.tokens_per_day ?? 0;
      row.cost_per_month += change.cost_per_month ?? 0;
    }
  }

  return {
    /** Of this row, which goes on counting. */
    of(name: string): Tallied {
      const row = rows.get(name) ?? {
        running_turns: 0,
        turns_per_day: 0,
        tokens_per_day: 0,
        cost_per_month: 0,
      };
      rows.delete(name);
      rows.set(name, row);
      for (const oldest of rows.keys()) {
        if (rows.size <= most) break;
        rows.delete(oldest);
      }
      return row;
    },

    /** What it holds is not known here. */
    began: (owner: Owner, turn: Counted): void => add(owner, turn, { running_turns: 1, turns_per_day: 1 }),

    ended: (owner: Owner, turn: Counted, spent: Spent | null): void =>
      add(owner, turn, {
        running_turns: -1,
        tokens_per_day: spent ? spent.prompt_tokens + spent.completion_tokens : 0,
        cost_per_month: spent?.cost ?? 0,
      }),
  };
}

/** Of a row of chat_allowances. */
export const rowName = (owner: Owner, keyId: string): string => `${owner} ${keyId}`;
