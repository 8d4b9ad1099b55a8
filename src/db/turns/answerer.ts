// Who answers a new turn: the agent that its message names, or that of its session where there is one of that name, or else
// the default one. The statement that begins the turn finds it out, so what depends on it is sent for each.
import { type SQL, sql } from 'drizzle-orm';
import { type Expected, expectedTypes } from '../access/admission.ts';
import { chatSessions } from '../schema.ts';

/** What a turn needs of whoever answers: how many messages before it, and what it may be expected to use. */
export type Needs = { before: number; expected: Expected };

/**
 * The agents that may answer in place of another, by name, as `NewTurn.others` has them: each is a list, which is short. Of
 * what is expected to be sent they say how much more it is than of `base`.
 */
export const othersFor = (base: Needs, others: Iterable<readonly [name: string, Needs]>): string =>
  JSON.stringify(
    Object.fromEntries(
      Array.from(others, ([name, { before, expected }]) => [
        name,
        [
          before,
          expected.promptTokens - base.expected.promptTokens,
          expected.contextMessages,
          expected.contextTokens,
          expected.replyTokens,
          expected.promptPrice,
          expected.completionPrice,
        ],
      ]),
    ),
  );

/** In the order of the lists above. */
const needed = { before: 'int', ...expectedTypes } as const;
export type NeededName = keyof typeof needed;
const places = Object.keys(needed);

/**
 * Columns of a part that locks the session's row, of which they are as it is after any wait. `others` is `NewTurn.others`, or
 * null where the session has no say; `of` says where what is asked for the named one stands.
 */
export function answererColumns(
  others: SQL,
  needs: readonly NeededName[],
  of: (name: 'agent' | NeededName) => SQL,
): SQL {
  const chosen = sql`${chatSessions}.agent`;
  const entry = sql`(${others} -> ${chosen})`;
  const need = (name: NeededName) => {
    const its = sql`(${entry} ->> ${sql.raw(String(places.indexOf(name)))})::${sql.raw(needed[name])}`;
    const value =
      name === 'promptTokens'
        ? sql`${of(name)} + coalesce(${its}, 0) + coalesce(octet_length(${chatSessions}.instructions) / 3, 0)`
        : sql`coalesce(${its}, ${of(name)})`;
    return sql`${value} as ${sql.identifier(name)}`;
  };
  return sql`case when ${entry} is null then ${of('agent')} else ${chosen} end as agent,
    case when ${entry} is null and ${others} is not null and ${chosen} <> ${of('agent')} then ${chosen} end as "insteadOf",
    ${sql.join(needs.map(need), sql`, `)}`;
}

/** Whether whoever calls may ask who answers; `mayBeAsked` is a JSON list of names, null for all. */
export const isAllowed = (mayBeAsked: SQL): SQL<boolean> =>
  sql<boolean>`coalesce(${mayBeAsked} ? locked.agent, true)`;
