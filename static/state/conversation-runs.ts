// The turns of a conversation that are being followed, each into the item that shows its reply.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { isAway, Problem } from '../api/problem.ts';
import { cancelTurn, retryTurn } from '../api/turns.ts';
import type { Message } from '../api/wire.ts';
import type { ConversationParts } from './conversation.ts';
import type { Item, ReplyItem } from './items.ts';
import { clearReply } from './reply.ts';
import { type Run, runTurn } from './run-turn.ts';

export type FollowOptions = {
  turnId: string | null;
  quiet: boolean;
  fromBeginning: boolean;
  cursor?: string | null;
  open: (signal: AbortSignal) => Promise<Response>;
  onBegun?: (message: Message) => void;
  onRefused?: (problem: Problem) => void;
};

/** What a conversation does when the history knows more than a turn's events. */
export type Reread = { load: () => Promise<void>; refresh: () => Promise<void> };

export type ConversationRuns = {
  /** Something is being written, or sent. */
  busy: ReadonlySignal<boolean>;
  canStop: ReadonlySignal<boolean>;
  isFollowed: (item: Item) => boolean;
  follows: (turnId: string) => boolean;
  /** A message is on its way, and not known to be stored. */
  isSending: () => boolean;
  follow: (item: ReplyItem, options: FollowOptions) => void;
  /** Calls again whenever the server is back, for as long as nobody answers. */
  untilAnswered: (
    item: ReplyItem,
    trouble: 'lost' | 'unsent',
    call: () => Promise<Response>,
    signal: AbortSignal,
  ) => Promise<Response>;
  retry: (item: ReplyItem) => void;
  stop: () => void;
  /** Follows these no longer; the turns themselves go on. */
  leave: (items: readonly Item[]) => void;
};

export function createRuns(
  id: string,
  parts: ConversationParts,
  life: AbortSignal,
  reread: Reread,
): ConversationRuns {
  const { connection } = parts;
  const runs = signal<readonly Run[]>([]);
  const busy = computed(() => runs.value.some(({ quiet }) => !quiet));
  /** Turns that failed, to be run again: where their streams ended. */
  const failed = new Map<ReplyItem, { turnId: string; cursor: string | null }>();

  async function untilAnswered(
    { reply }: ReplyItem,
    trouble: 'lost' | 'unsent',
    call: () => Promise<Response>,
    signal: AbortSignal,
  ): Promise<Response> {
    while (true) {
      try {
        const response = await call();
        reply.trouble.value = null;
        return response;
      } catch (error) {
        if (!isAway(error)) throw error;
        reply.trouble.value = trouble;
        await connection.untilReady(signal);
      }
    }
  }

  async function follow(item: ReplyItem, options: FollowOptions): Promise<void> {
    const { run, end } = runTurn({ ...options, sessionId: id, item, connection, signal: life });
    runs.value = [...runs.value, run];
    const outcome = await end;
    if (life.aborted) return;
    runs.value = runs.value.filter((one) => one !== run);
    if (outcome.kind === 'left') return void reread.refresh();
    if (outcome.kind === 'refused') {
      // A turn that is no longer there to be followed, or was taken up elsewhere: the history knows more.
      if (options.onRefused) options.onRefused(outcome.problem);
      else await reread.load();
      return;
    }
    const turnId = run.turnId.value;
    if (outcome.status === 'failed' && turnId) failed.set(item, { turnId, cursor: outcome.cursor });
    const { message } = item.reply;
    if (options.quiet) return;
    const text = item.reply.text.text();
    if (outcome.status === 'failed') parts.announce('failed');
    else if (outcome.status === 'cancelled') parts.announce(text === '' ? 'cancelledEmpty' : 'cancelled');
    else if (outcome.status === 'completed') parts.announce('replied', text);
    parts.changed('ended');
    if (outcome.status === 'unknown' || (outcome.status === 'completed' && !message.value))
      await reread.load();
    else await reread.refresh();
  }

  function retry(item: ReplyItem): void {
    const turn = failed.get(item);
    if (!turn || busy.value) return;
    const before = item.reply.outcome.value;
    clearReply(item.reply);
    const { turnId, cursor } = turn;
    void follow(item, {
      turnId,
      cursor,
      quiet: false,
      fromBeginning: true,
      async open(signal) {
        const response = await retryTurn(id, turnId, signal);
        parts.changed('begun');
        return response;
      },
      onRefused(problem) {
        item.reply.phase.value = 'ended';
        item.reply.outcome.value = isAway(problem) ? before : problem;
        if (isAway(problem)) connection.suspect();
        // Somebody else has run it again already.
        if (problem.status === 409) {
          clearReply(item.reply);
          void reread.refresh();
        }
      },
    });
  }

  function stop(): void {
    for (const { quiet, turnId, stopping } of runs.value) {
      if (quiet || turnId.value === null || stopping.value) continue;
      stopping.value = true;
      cancelTurn(id, turnId.value).catch((error: unknown) => {
        stopping.value = false;
        if (error instanceof Problem) parts.complain('cannotStop', error);
      });
    }
  }

  return {
    busy,
    canStop: computed(() =>
      runs.value.some(({ quiet, turnId, stopping }) => !quiet && turnId.value && !stopping.value),
    ),
    isFollowed: (item) => runs.value.some((run) => run.item === item),
    follows: (turnId) => runs.value.some((run) => run.turnId.value === turnId),
    isSending: () => runs.value.some(({ turnId }) => turnId.value === null),
    follow: (item, options) => void follow(item, options),
    untilAnswered,
    retry,
    stop,
    leave(items) {
      for (const run of runs.value) if (items.includes(run.item)) run.abort();
    },
  };
}
