// What names a turn: its id is its own in its session only, and the session's in what its owner has.
import type { SessionKey } from '../owner.ts';

export type TurnName = SessionKey & { turn: string };

/** Names one run of a turn: what its process may still write. */
export type TurnKey = TurnName & { lease: string };

/** The whole name as one key for what is kept of turns in memory; no other turn has it. */
export const nameOf = ({ owner, session, turn }: TurnName): string => `${owner}/${session}/${turn}`;
