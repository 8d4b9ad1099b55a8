// What a turn is while it runs in this process, and how its run ends.
import type { Agent, Agents } from '../../agent/agent.ts';
import type { SaidStep } from '../../agent/said-step.ts';
import type { Store } from '../../db/store.ts';
import type { BegunTurn } from '../../db/turns/change-turns.ts';
import type { TurnKey } from '../../db/turns/turn-name.ts';
import type { Log } from '../../log.ts';
import type { StepData, StepType } from '../../words/steps.ts';
import type { Failure } from '../failure.ts';
import type { EventLog } from '../log/event-log.ts';
import type { PieceSink } from '../log/piece-writer.ts';
import type { Queue } from './queue.ts';
import type { ReplyDraft } from './reply-draft.ts';
import type { Spending, SpentStep } from './spending.ts';

/** `approvalSeconds`: how long a turn waits for a person. */
export type TurnParts = { store: Store; agents: Agents; log: Log; approvalSeconds: number };

/** A step that was settled before this run. */
export type SettledStep = SaidStep & SpentStep;

/** A turn that was begun, or taken over, and is to run in this process. */
export type BegunRun = {
  key: TurnKey;
  begun: BegunTurn;
  agent: Agent;
  /** The session's agent, where that is not there any more and this one answers. */
  insteadOf: string | undefined;
  /** What it has said before, which is not said again. */
  settled: SettledStep[];
  events: EventLog;
  /** The request that asked for it, for the log. */
  requestId: string | undefined;
};

export type RunningTurn = BegunRun & {
  /** Stores what the open step streams. */
  storePieces(): PieceSink;
  /** Aborted with a Failure, which becomes the turn's, or with a Leaving. */
  signal: AbortSignal;
  spending: Spending;
  queue: Queue;
};

/** The step that is being said: by a model, or, where `told` is, by the turn itself. */
export type OpenStep = { source: string; draft: ReplyDraft; pieces: PieceSink; told?: Told };
export type Told = { type: StepType; content: string; data: StepData };

/** Why a run leaves its turn, which goes on elsewhere. `why` is for callers here; without it, they go on with it there. */
export class Leaving extends Error {
  readonly why: Failure | undefined;

  constructor(why?: Failure) {
    super('the turn goes on elsewhere');
    this.why = why;
  }
}

/**
 * How a run ended: with its log at `done`, or by leaving its turn. `recorded` is what is still being written about it: an
 * end that could not be stored yet is told to nobody.
 */
export type RunEnd = 'ended' | { left: { why: Failure | undefined; recorded?: Promise<void> } };
