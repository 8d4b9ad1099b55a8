// What the call of a tool is at a time, in its row and on the wire, and what a person may say of one that waits.

/**
 * `requested`: the model asks for it. `waiting`: for a person, who says that it is `approved` or `denied`. `started`: it may
 * have been made. `finished`: it has its result. `unknown`: it was started by a process that is gone, and is not made
 * again. `cancelled`: its turn was, before it was made.
 */
export const callStatuses = [
  'requested',
  'waiting',
  'approved',
  'denied',
  'started',
  'finished',
  'unknown',
  'cancelled',
] as const;
export type CallStatus = (typeof callStatuses)[number];

/** Nothing more becomes of it. */
export const isOver = (status: CallStatus): boolean =>
  status === 'denied' || status === 'finished' || status === 'unknown' || status === 'cancelled';

/** `answer`: what the person says is the result, in place of the call. */
export const decisions = ['approve', 'deny', 'answer'] as const;
export type Decision = (typeof decisions)[number];
