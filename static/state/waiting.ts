// What waits for the reader to allow it, over all sessions, and what was decided of it, here or elsewhere.
import { type Signal, signal } from '@preact/signals';
import { turnOutcomes, type WaitingCall, waitingCalls } from '../api/approvals.ts';
import type { Approval, Outcome } from '../api/calls-wire.ts';
import { Problem } from '../api/problem.ts';
import type { Connection } from './connection.ts';

export type Waiting = {
  calls: Signal<readonly WaitingCall[]>;
  /** There is more than is listed. */
  hasMore: Signal<boolean>;
  status: Signal<'loading' | 'ready' | Problem>;
  /** What is known to have been said of those that were shown, by the approval's id. */
  outcomes: Signal<ReadonlyMap<string, Outcome>>;
  /** Looks what waits now, and what became of what waited. */
  refresh: () => Promise<void>;
  /** It is shown somewhere: what is said of it, wherever, is to be known. Returns the way to leave. */
  watch: (sessionId: string, approval: Approval) => () => void;
  /** It was decided here. */
  decided: (outcome: Outcome) => void;
};

/** How many wait, in short; empty for none. */
export const waitingCount = ({ calls, hasMore }: Waiting): string =>
  calls.value.length === 0 ? '' : `${calls.value.length}${hasMore.value ? '+' : ''}`;

/** `more`: so many wait that did not before. */
export function createWaiting(connection: Connection, more: (count: number) => void): Waiting {
  const calls = signal<readonly WaitingCall[]>([]);
  const hasMore = signal(false);
  const status = signal<Waiting['status']['value']>('loading');
  const outcomes = signal<ReadonlyMap<string, Outcome>>(new Map());
  const watched = new Map<string, { sessionId: string; approval: Approval }>();
  let known: ReadonlySet<string> | null = null;
  let refreshing: Promise<void> | null = null;
  let again = false;

  async function look(): Promise<void> {
    try {
      const read = await waitingCalls();
      const ids = new Set(read.calls.map(({ approval }) => approval.id));
      const before = known;
      known = ids;
      calls.value = read.calls.filter(({ approval }) => !outcomes.value.has(approval.id));
      hasMore.value = read.more;
      status.value = 'ready';
      const fresh = before ? [...ids].filter((id) => !before.has(id)).length : 0;
      if (fresh > 0) more(fresh);
      await learn([...watched.values()].filter(({ approval }) => !ids.has(approval.id)));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      if (status.value !== 'ready') status.value = error;
    }
  }

  /** What became of those that wait no longer. */
  async function learn(gone: readonly { sessionId: string; approval: Approval }[]): Promise<void> {
    const open = gone.filter(({ approval }) => !outcomes.value.has(approval.id));
    const turns = new Map(open.map(({ sessionId, approval }) => [approval.turnId, sessionId]));
    for (const [turnId, sessionId] of turns) {
      const read = await turnOutcomes(sessionId, turnId);
      keep(read.filter(({ approvalId, status }) => watched.has(approvalId) && status !== 'waiting'));
    }
  }

  function keep(read: readonly Outcome[]): void {
    if (read.length === 0) return;
    outcomes.value = new Map([...outcomes.value, ...read.map((one) => [one.approvalId, one] as const)]);
    calls.value = calls.value.filter(({ approval }) => !outcomes.value.has(approval.id));
  }

  function refresh(): Promise<void> {
    // What changed while it was looked may not be in that.
    if (refreshing) again = true;
    refreshing ??= look().finally(() => {
      refreshing = null;
      if (!again) return;
      again = false;
      void refresh();
    });
    return refreshing;
  }

  return {
    calls,
    hasMore,
    status,
    outcomes,
    refresh,
    watch(sessionId, approval) {
      watched.set(approval.id, { sessionId, approval });
      if (!outcomes.value.has(approval.id) && !known?.has(approval.id)) void refresh();
      return () => watched.delete(approval.id);
    },
    decided: (outcome) => keep([outcome]),
  };
}
