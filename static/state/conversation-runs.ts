// The turns of a conversation that are being followed, each into the places that show its steps.
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import { isAway, Problem } from '../api/problem.ts';
import { cancelTurn, retryTurn } from '../api/turns.ts';
import type { Message } from '../api/wire.ts';
import type { ConversationParts } from './conversation.ts';
import type { Item, ReplyItem, UserItem } from './items.ts';
import { clearReply } from './reply.ts';
import { type Run, runTurn } from './run-turn.ts';
import type { StepPlaces } from './turn-writer.ts';

export type FollowOptions = {
  turnId: string | null;
  quiet: boolean;
  fromBeginning: boolean;
  /** What stands beside it is told with it only when it is read again. */
  isVersion?: boolean;
  cursor?: string | null;
  begin: ((signal: AbortSignal) => Promise<Response>) | null;
  onBegun?: (message: Message) => void;
  onRefused?: (problem: Problem) => void;
};

/** What is asked of the conversation. */
export type RunsParts = ConversationParts & {
  /** Where an item stands. */
  position: (item: Item) => number;
  /** Where the answer to it is shown. */
  places: (asked: UserItem) => StepPlaces;
  /** For when the history knows more than a turn's events. */
  load: () => Promise<void>;
  refresh: (withoutNews?: boolean) => Promise<void>;
};

export type ConversationRuns = {
  /** Something is being written, or sent. */
  busy: ReadonlySignal<boolean>;
  canStop: ReadonlySignal<boolean>;
  isFollowed: (asked: UserItem) => boolean;
  follows: (turnId: string) => boolean;
  /** A message is on its way, and not known to be stored. */
  isSending: () => boolean;
  /** How many have ended so far: what was read of turns before the last of them is out of date. */
  ends: () => number;
  follow: (asked: UserItem, options: FollowOptions) => void;
  /** Sends again whenever the server is back, for as long as nobody answers. */
  untilAnswered: (item: ReplyItem, send: () => Promise<Response>, signal: AbortSignal) => Promise<Response>;
  retry: (item: ReplyItem) => void;
  stop: () => void;
  /** Follows no longer what answers these; the turns themselves go on. */
  leave: (asked: readonly Item[]) => void;
};

export function createRuns(id: string, parts: RunsParts, life: AbortSignal): ConversationRuns {
  const { connection, mayStream, position, places, load, refresh } = parts;
  const runs = signal<readonly Run[]>([]);
  let ends = 0;
  const loud = computed(() => runs.value.filter(({ quiet }) => !quiet));
  const busy = computed(() => loud.value.length > 0);
  /** Turns of a session run one after the other, so only the first has anything to stream. */
  const first = computed(() =>
    loud.value.reduce<Run | null>(
      (first, run) => (first && position(first.asked) <= position(run.asked) ? first : run),
      null,
    ),
  );
  /** What is over, or will be in a moment, needs no leave. */
  const wanted = (run: Run) =>
    computed(() => run.quiet || run.stopping.value || (mayStream.value && first.value === run));
  /** Turns that failed, to be run again: where their streams ended. */
  const failed = new Map<ReplyItem, { turnId: string; cursor: string | null }>();

  async function untilAnswered(
    { reply }: ReplyItem,
    send: () => Promise<Response>,
    signal: AbortSignal,
  ): Promise<Response> {
    while (true) {
      try {
        const response = await send();
        reply.trouble.value = null;
        return response;
      } catch (error) {
        if (!(error instanceof Problem && isAway(error))) throw error;
        reply.trouble.value = 'unsent';
        connection.suspect(error);
        await connection.untilReady(signal);
      }
    }
  }

  async function follow(asked: UserItem, options: FollowOptions): Promise<void> {
    const more = { sessionId: id, asked, places: places(asked), connection, wanted, signal: life };
    const { run, end } = runTurn({ ...options, ...more });
    runs.value = [...runs.value, run];
    const outcome = await end;
    ends++;
    if (life.aborted) return;
    runs.value = runs.value.filter((one) => one !== run);
    if (outcome.kind === 'left') return void refresh();
    if (outcome.kind === 'refused') {
      // A turn that is no longer there to be followed, or was taken up elsewhere: the history knows more.
      if (options.onRefused) options.onRefused(outcome.problem);
      else await load();
      return;
    }
    const turnId = run.turnId.value;
    const { last, cursor } = outcome;
    if (outcome.status === 'failed' && turnId) failed.set(last, { turnId, cursor });
    if (options.quiet) return;
    const text = last.reply.text.text();
    if (outcome.status === 'failed') parts.announce('failed');
    else if (outcome.status === 'cancelled') parts.announce(text === '' ? 'cancelledEmpty' : 'cancelled');
    else if (outcome.status === 'completed') parts.announce('replied', text);
    parts.changed('ended');
    if (outcome.status === 'unknown' || (outcome.status === 'completed' && !last.reply.message.value))
      await load();
    else await refresh(options.isVersion);
  }

  function retry(item: ReplyItem): void {
    const turn = failed.get(item);
    if (!turn || !item.asked || busy.value) return;
    const before = item.reply.outcome.value;
    clearReply(item.reply);
    const { turnId, cursor } = turn;
    void follow(item.asked, {
      turnId,
      cursor,
      quiet: false,
      fromBeginning: true,
      async begin(signal) {
        const response = await retryTurn(id, turnId, signal);
        parts.changed('begun');
        return response;
      },
      onRefused(problem) {
        item.reply.phase.value = 'ended';
        item.reply.outcome.value = isAway(problem) ? before : problem;
        connection.suspect(problem);
        // Somebody else has run it again already.
        if (problem.status === 409) {
          clearReply(item.reply);
          void refresh();
        }
      },
    });
  }

  function stop(): void {
    for (const { turnId, stopping } of loud.value) {
      if (turnId.value === null || stopping.value) continue;
      stopping.value = true;
      cancelTurn(id, turnId.value).catch((error: unknown) => {
        stopping.value = false;
        if (error instanceof Problem) parts.complain('cannotStop', error);
      });
    }
  }

  return {
    busy,
    canStop: computed(() => loud.value.some(({ turnId, stopping }) => turnId.value && !stopping.value)),
    isFollowed: (asked) => runs.value.some((run) => run.asked === asked),
    follows: (turnId) => runs.value.some((run) => run.turnId.value === turnId),
    isSending: () => runs.value.some(({ turnId }) => turnId.value === null),
    ends: () => ends,
    follow: (asked, options) => void follow(asked, options),
    untilAnswered,
    retry,
    stop,
    leave(asked) {
      for (const run of runs.value) if (asked.includes(run.asked)) run.abort();
    },
  };
}
