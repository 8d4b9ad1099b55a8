// One turn that is being followed into the item that shows its reply.
import { type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { followTurn } from '../api/follow-turn.ts';
import { Problem } from '../api/problem.ts';
import type { Message, TurnStatus } from '../api/wire.ts';
import type { Connection } from './connection.ts';
import type { ReplyItem } from './items.ts';
import { clearReply, endReply, replyWriter, settleReply } from './reply.ts';

export type Run = {
  item: ReplyItem;
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
  item: ReplyItem;
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
  | { kind: 'ended'; status: TurnStatus | 'unknown'; cursor: string | null }
  /** It did not begin, or is not there. */
  | { kind: 'refused'; problem: Problem }
  /** Nobody follows it here any more. */
  | { kind: 'left' };

export function runTurn(options: RunOptions): { run: Run; end: Promise<RunEnd> } {
  const leave = new AbortController();
  const run: Run = {
    item: options.item,
    turnId: signal(options.turnId),
    stopping: signal(false),
    quiet: options.quiet,
    abort: () => leave.abort(new DOMException('left', 'AbortError')),
  };
  return { run, end: follow(run, options, AbortSignal.any([options.signal, leave.signal])) };
}

async function follow(run: Run, options: RunOptions, signal: AbortSignal): Promise<RunEnd> {
  const { connection, sessionId, turnId, cursor = null, begin, onBegun } = options;
  const { reply } = run.item;
  const write = replyWriter(reply, options.fromBeginning ? () => performance.now() : null);
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
        reply.trouble.value = 'lost';
      },
      onResumed() {
        reply.trouble.value = null;
      },
      onEvent(event) {
        if (event.kind === 'begun') {
          run.turnId.value = event.turnId;
          onBegun?.(event.message);
        } else if (event.kind === 'problem') problem = event.problem;
        else {
          if (event.kind === 'restart') problem = null;
          write(event);
        }
      },
    });
    if (signal.aborted) return { kind: 'left' };
    endReply(reply);
    // The steps before it are messages of their own, which the history has.
    if (reply.message.value && reply.steps.value.length > 1) settleReply(reply, reply.message.value);
    if (end.status === 'failed') reply.outcome.value = problem ?? new Problem({ status: 500, detail: '' });
    else if (end.status === 'cancelled' && reply.message.value === null) {
      clearReply(reply);
      endReply(reply);
      reply.outcome.value = 'cancelled';
    }
    return { kind: 'ended', ...end };
  } catch (error) {
    if (signal.aborted) return { kind: 'left' };
    if (error instanceof Problem) return { kind: 'refused', problem: error };
    throw error;
  }
}
