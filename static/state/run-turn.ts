// One turn that is being followed into the places that show its steps.
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { followTurn } from '../api/follow-turn.ts';
import { Problem } from '../api/problem.ts';
import type { Message, TurnStatus } from '../api/wire.ts';
import type { Connection } from './connection.ts';
import type { ReplyItem, UserItem } from './items.ts';
import { type StepPlaces, turnWriter } from './turn-writer.ts';

export type Run = {
  /** What it answers. */
  asked: UserItem;
  /** Null until the server has taken the message. */
  turnId: Signal<string | null>;
  stopping: Signal<boolean>;
  /** It is over already, and only read again. */
  quiet: boolean;
  /** Leaves it; the turn itself goes on. */
  abort: () => void;
};

export type RunOptions = {
  sessionId: string;
  asked: UserItem;
  places: StepPlaces;
  turnId: string | null;
  cursor?: string | null;
  quiet: boolean;
  /** It is seen from its beginning, so that how long it thinks can be told. */
  fromBeginning: boolean;
  /** What makes it run; null where it runs already. */
  begin: ((signal: AbortSignal) => Promise<Response>) | null;
  /** Whether it may be streamed. */
  wanted: (run: Run) => ReadonlySignal<boolean>;
  onBegun?: (message: Message) => void;
  connection: Connection;
  signal: AbortSignal;
};

export type RunEnd =
  | { kind: 'ended'; status: TurnStatus | 'unknown'; cursor: string | null; last: ReplyItem }
  /** It did not begin, or is not there. */
  | { kind: 'refused'; problem: Problem }
  /** Nobody follows it here any more. */
  | { kind: 'left' };

export function runTurn(options: RunOptions): { run: Run; end: Promise<RunEnd> } {
  const leave = new AbortController();
  const run: Run = {
    asked: options.asked,
    turnId: signal(options.turnId),
    stopping: signal(false),
    quiet: options.quiet,
    abort: () => leave.abort(new DOMException('left', 'AbortError')),
  };
  return { run, end: follow(run, options, AbortSignal.any([options.signal, leave.signal])) };
}

async function follow(run: Run, options: RunOptions, signal: AbortSignal): Promise<RunEnd> {
  const { connection, sessionId, turnId, cursor = null, begin, onBegun, places } = options;
  const isSettled = ({ reply }: ReplyItem) => reply.message.value !== null;
  const before = cursor === null ? 0 : places.all().filter(isSettled).length;
  const writer = turnWriter(places, before, options.fromBeginning ? () => performance.now() : null);
  let problem: Problem | null = null;
  try {
    const end = await followTurn({
      sessionId,
      turnId,
      cursor,
      begin,
      wanted: options.wanted(run),
      signal,
      untilReady: connection.untilReady,
      onLost(why) {
        connection.suspect(why);
        writer.open().reply.trouble.value = 'lost';
      },
      onResumed() {
        writer.open().reply.trouble.value = null;
      },
      onEvent(event) {
        if (event.kind === 'begun') {
          run.turnId.value = event.turnId;
          onBegun?.(event.message);
        }
        if (event.kind === 'restart') problem = null;
        if (event.kind === 'problem') problem = event.problem;
        else if (event.kind === 'approval') {
          const { id, callId, server, expiresAt } = event;
          writer.write({
            kind: 'asked',
            callId,
            approval: { id, server, expiresAt, turnId: run.turnId.value ?? '' },
          });
        } else if (event.kind !== 'done') writer.write(event);
      },
    });
    if (signal.aborted) return { kind: 'left' };
    const last = writer.end(end.status, problem ?? new Problem({ status: 500, detail: '' }));
    return { kind: 'ended', last, ...end };
  } catch (error) {
    if (signal.aborted) return { kind: 'left' };
    if (error instanceof Problem) return { kind: 'refused', problem: error };
    throw error;
  } finally {
    writer.leave();
  }
}
