// turns.sql and turns.json: turns as they were made before migration 0003, and what was answered of them then. The version
// that made them did it by a program of its own, which ran on its tables alone and is in the history of this folder.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Told } from './told.ts';

/** The last migration of the version that made them. */
export const oldMigration = '0002_search_index';

export type OldTurn = {
  kind: string;
  path: string;
  /** Whether its stream ends with what is recorded. */
  isOver: boolean;
  /** All events that are told of it, pieces of a kind as one. */
  events: Told[];
  /** What is told to who has no cursor, as `written` writes it. */
  all: string;
  /** What is told behind cursors, which spaces part. */
  after: Record<string, string>;
};

/** `answers`: the JSON at each path. */
export type OldTurns = { turns: OldTurn[]; answers: Record<string, unknown> };

export const oldTurnsPath = (name: 'turns.sql' | 'turns.json'): string => join(import.meta.dir, name);

/** The statements, with breakpoints between them, and what they tell. */
export async function readOldTurns(): Promise<{ statements: string; recorded: OldTurns }> {
  const [statements, recorded] = await Promise.all([
    readFile(oldTurnsPath('turns.sql'), 'utf8'),
    readFile(oldTurnsPath('turns.json'), 'utf8'),
  ]);
  return { statements, recorded: JSON.parse(recorded) as OldTurns };
}
