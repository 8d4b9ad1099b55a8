// What somebody may be limited in, named as in the tables and on the wire.

/** Each a number of 0 or more; of one that is not there, there is as much as one likes. Days and months are UTC. */
export const limitNames = [
  'requests_per_minute',
  'running_turns',
  'turns_per_day',
  'tokens_per_day',
  'cost_per_month',
] as const;
export type LimitName = (typeof limitNames)[number];

/** Those that count turns, and what they use. */
export type TurnLimitName = Exclude<LimitName, 'requests_per_minute'>;

/** `agents` are those that may be asked; null for all. */
export type LimitValues = Record<LimitName, number | null> & { agents: string[] | null };
