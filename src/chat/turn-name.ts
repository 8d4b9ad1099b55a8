// What a turn is kept under in the memory of a process: its id is its own only in the session, and that only in the owner's.
import type { TurnName } from '../db/turns/turns.ts';

/** The whole name as one key; no other turn has it. */
export const nameOf = ({ owner, session, turn }: TurnName): string => `${owner}/${session}/${turn}`;
