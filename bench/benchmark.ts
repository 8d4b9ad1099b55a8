// What a benchmark is, and what it hands back.
import type { Stand } from './stand.ts';

export type Benchmark = {
  name: string;
  /** One line for the help. */
  about: string;
  run(stand: Stand): Promise<Outcome>;
};

/** `faults`: answers or stored messages that were not what they must be; a run with any is worth nothing. */
export type Outcome = { tables: Table[]; goals: Goal[]; faults: string[]; data: unknown; texts?: Text[] };

export type Table = { title: string; columns: string[]; rows: string[][]; note?: string };

export type Goal = { what: string; goal: string; measured: string; met: boolean };

/** Something that is no table: a plan. */
export type Text = { title: string; text: string };
