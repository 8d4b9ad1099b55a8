// Where a new turn stands in its session: behind what was said last, or elsewhere.
import { type SQL, sql } from 'drizzle-orm';
import type { Beginning } from '../../words/path.ts';
import { pathGoingOn } from '../path-parts.ts';
import { param } from '../prepared.ts';

/** Where it stands, if not behind what was said last. It may not wait then, for it is said where nothing else is being said. */
export type Elsewhere = {
  beginning: Beginning;
  /** The place it stands behind: the last one of the beginning, 0 for none. */
  parentSeq: number;
  /** Where the message stands that it answers again: `message` is not stored, but its `data` is, as the turn's wish. */
  asksSeq: number | null;
};

/** Where a turn stands: what that adds to its row and changes of its session, and whether its message is a new one. */
export type Standing = { columns: SQL; values: SQL; messages: SQL; change: SQL; says: SQL; isInLine: SQL };

// What was said last may be on another path, which the places given since do not tell of; else it is the last place given.
export const inLine: Standing = {
  columns: sql`parent_seq`,
  values: sql`case when path is null then null when path[cardinality(path)] <= last_seq then last_seq
    else coalesce(path[cardinality(path) - 1], 0) end`,
  messages: sql`1`,
  change: sql``,
  says: sql`true`,
  isInLine: sql`true`,
};

/** Behind any place, or another answer to what stands there: see `Elsewhere`. */
export const elsewhere: Standing = {
  columns: sql`parent_seq, asks_seq, wish`,
  values: sql`${param('parentSeq', 'int')}, ${param('asksSeq', 'int')}, case when ${param('asksSeq', 'int')} is not null then
    coalesce(${param('data', 'jsonb')}, case when "insteadOf" is not null then jsonb_build_object('instead_of', "insteadOf") end) end`,
  messages: sql`case when ${param('asksSeq', 'int')} is null then 1 else 0 end`,
  change: sql`
      path = ${pathGoingOn(sql`turn.seq`, param('beginning', 'text'))},`,
  says: sql`${param('asksSeq', 'int')} is null`,
  isInLine: sql`false`,
};
