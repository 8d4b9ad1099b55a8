// The statements that let a turn begin with its message, and many at once, which leave out all that is not simple.
import { sql } from 'drizzle-orm';
import { longestQueue } from '../../words/turn-limits.ts';
import { admission, expectedTypes, refusalColumns } from '../access/admission.ts';
import {
  chargedTogether,
  limitedTogether,
  unlimitedAdmission,
  unlimitedTogether,
} from '../access/quick-admission.ts';
import type { Db } from '../database.ts';
import { as, cte, param } from '../prepared.ts';
import { chatSessions, chatTurns } from '../schema.ts';
import { answererColumns, isAllowed, type NeededName } from './answerer.ts';
import { asked, askedOfLimited, beginParts, inLocked, inParameters, lockedColumns } from './begin-parts.ts';
import { elsewhere, type Standing } from './standing.ts';
import { idle, isSession, shownColumns } from './statement-parts.ts';

const ofExpected = Object.keys(expectedTypes) as (keyof typeof expectedTypes)[];
const parameterTypes = { ...asked, ...expectedTypes };

/**
 * For one turn; no row: there is no such session. The row of `judged` says why it may not begin; `unlimited` is for whom no
 * limits are thought to be, and does nothing where it is not so.
 */
export function prepareBegin(db: Db) {
  const lockedFor = (needs: readonly NeededName[]) => {
    const given = ['agent', ...needs] as const;
    const parameters = given.map(
      (name) => sql`${param(name, parameterTypes[name])} as ${sql.identifier(name)}`,
    );
    const columns = answererColumns(sql`given.others`, needs, (name) => sql`given.${sql.identifier(name)}`);
    return cte(
      db,
      'locked',
      lockedColumns,
      sql`select last_seq, message_count, ${idle} as idle, queued_turns, ${shownColumns}, now() as at,
          ${columns}
        from ${chatSessions}, (select ${param('others', 'json')} as others, ${sql.join(parameters, sql`, `)}) as given
        where ${isSession} for update of ${chatSessions}`,
    );
  };
  const locked = lockedFor(['before', ...ofExpected]);
  const isAsked = isAllowed(param('mayBeAsked', 'jsonb'));
  const begins = sql`locked, admitted where may and ${isAsked} and (idle or (${param('mayWait', 'boolean')}
    and queued_turns < ${sql.raw(String(longestQueue))}))`;
  const alone = (where?: Standing) => beginParts(db, inParameters, begins, sql`turn, locked`, where);
  const { turn, session, message, columns } = alone();
  const ofSession = {
    agentState: locked.agentState,
    agentStateSeq: locked.agentStateSeq,
    path: locked.path,
    instructions: locked.instructions,
    temperature: locked.temperature,
    allowed: isAsked.as('allowed'),
  };
  const ofLocked = (name: string) => sql`(select ${sql.identifier(name)} from locked)`;
  const parts = admission(db, ofLocked('agent'), ofLocked);
  const { limits, expected, counted, judged, admitted, charged } = parts;
  const unlimited = unlimitedAdmission(db);
  const judging = ({ turn, session, message, columns }: ReturnType<typeof beginParts>) =>
    db
      .with(locked, limits, expected, counted, judged, admitted, turn, charged, session, message)
      .select({ ...columns, ...ofSession, applying: admitted.applying, ...refusalColumns(parts) })
      .from(locked)
      .leftJoin(turn, sql`true`)
      .innerJoin(admitted, sql`true`);
  return {
    judged: judging(alone()).prepare('turn_begin'),
    elsewhere: judging(alone(elsewhere)).prepare('turn_begin_elsewhere'),
    unlimited: db
      .with(lockedFor(['before']), unlimited, turn, session, message)
      .select({ ...columns, ...ofSession, may: unlimited.may })
      .from(locked)
      .leftJoin(turn, sql`true`)
      .innerJoin(unlimited, sql`true`)
      .prepare('turn_begin_unlimited'),
  };
}

/**
 * Of the JSON list `turns`, those in sessions that are idle and that nobody has locked, one each; `limited`: each with the one
 * row of limits that is thought to apply, else with none.
 */
export function prepareBeginTogether(db: Db, limited: boolean) {
  const columns = { ...asked, keyId: askedOfLimited.keyId, ...(limited ? askedOfLimited : {}) };
  const record = Object.entries(columns).map(([name, type]) => sql`${sql.identifier(name)} ${sql.raw(type)}`);
  const needs: NeededName[] = ['before', ...(limited ? ofExpected : [])];
  const unchanged = Object.keys(columns)
    .filter((name) => name !== 'agent' && !needs.some((need) => need === name))
    .map((name) => sql`asked.${sql.identifier(name)}`);
  const its = answererColumns(
    sql`case when not asked.fixed then given.others end`,
    needs,
    (name) => sql`asked.${sql.identifier(name)}`,
  );
  const locked = cte(
    db,
    'locked',
    { ...lockedColumns, turn: as(chatTurns.id, 'turn') },
    sql`select asked.n, ${sql.join(unchanged, sql`, `)}, its.*, true as idle, now() as at
      from (select ${param('others', 'json')} as others) as given
      cross join (select distinct on (owner, session) *
        from json_to_recordset(${param('turns', 'json')}) as asked (n int, ${sql.join(record, sql`, `)})
        order by owner, session, n) as asked
      cross join lateral (select last_seq, message_count, ${shownColumns}, ${its} from ${chatSessions}
        where owner_id = asked.owner and id = asked.session and ${idle} for update skip locked) as its`,
  );
  const parts = beginParts(
    db,
    inLocked,
    sql`locked join admitted using (turn) where ${isAllowed(inLocked('mayBeAsked'))}`,
    sql`turn join locked on locked.turn = turn.id`,
  );
  const { turn, session, message } = parts;
  const admitted = limited ? limitedTogether(db) : unlimitedTogether(db);
  const charged = limited ? [chargedTogether(db)] : [];
  return db
    .with(locked, ...admitted, turn, ...charged, session, message)
    .select({
      turn: locked.turn,
      ...parts.columns,
      agentState: locked.agentState,
      agentStateSeq: locked.agentStateSeq,
      path: locked.path,
      instructions: locked.instructions,
      temperature: locked.temperature,
    })
    .from(turn)
    .innerJoin(locked, sql`locked.turn = turn.id`)
    .prepare(`turns_begin_together${limited ? '_limited' : ''}`);
}
