// What the harness remembers of a run, to hold it against what is stored.

import type { Reader } from './reader.ts';
import type { Asked } from './scripted-reply.ts';
import type { WatchedTurn } from './watch-turns.ts';
import type { Message } from './wire.ts';

/** A message a client sent, under one key, however often. */
export type Sent = {
  tag: string;
  key: string;
  client: string;
  sessionId: string;
  /** Whether a server ever said that it has it. */
  accepted: boolean;
  turnIds: Set<string>;
  /** The replies that callers were told. */
  told: Message[];
  retries: number;
};

export type Fault = {
  kind: string;
  at: number;
  until: number;
  /** The process it hit; without one it hit all. */
  server?: string;
};

/** `before`: the steps of the turn that the model was shown. */
export type ModelCall = Asked & { before: Asked[]; server: string; at: number; cut: boolean };

export type Decision =
  | { decision: 'approve'; arguments?: { label: string; note: string; ms: number } }
  | { decision: 'deny'; reason?: string }
  | { decision: 'answer'; answer: string };

/** What a person said of a call. `label` is the call's. `status` is what the last server that answered said. */
export type SaidOf = {
  approval: string;
  label: string;
  decision: Decision;
  sentAt: number;
  status: number | undefined;
};

export type ChaosRecord = {
  sent: Sent[];
  readers: Reader[];
  faults: Fault[];
  modelCalls: ModelCall[];
  /** What people said of calls. */
  decisions: SaidOf[];
  /** Turns as they were while they ran, by their ids. */
  watched: Map<string, WatchedTurn>;
  /** Tags of turns that lose their process once in each of three steps; and of those that have. */
  hunted: Set<string>;
  killedInEachStep: string[];
  // Sentences about single cases that must not be.
  unexpectedAnswers: string[];
  unexpectedEnds: string[];
  unfinished: string[];
  wrongContexts: string[];
  counts: Map<string, number>;
  count: (what: string, by?: number) => void;
};

export function createRecord(): ChaosRecord {
  const counts = new Map<string, number>();
  return {
    sent: [],
    readers: [],
    faults: [],
    modelCalls: [],
    decisions: [],
    watched: new Map(),
    hunted: new Set(),
    killedInEachStep: [],
    unexpectedAnswers: [],
    unexpectedEnds: [],
    unfinished: [],
    wrongContexts: [],
    counts,
    count: (what, by = 1) => counts.set(what, (counts.get(what) ?? 0) + by),
  };
}
