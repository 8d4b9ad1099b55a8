// Who the page is for. Before that is known, nothing of anybody is asked for or shown; with another owner it begins anew.
import { type Signal, signal } from '@preact/signals';
import { type Account, getAccount } from '../api/access.ts';
import { speakFor } from '../api/caller.ts';
import { Problem, unreachable, wantsSignIn } from '../api/problem.ts';
import { pause } from './pause.ts';
import type { Tabs } from './tabs.ts';

export type GateState =
  | { kind: 'asking' }
  | { kind: 'signIn' }
  /** The server is away, wants patience, or lets this caller do nothing; it is asked again. */
  | { kind: 'waiting'; problem: Problem }
  | { kind: 'in'; account: Account };

export type Gate = {
  state: Signal<GateState>;
  /** Asks the server who calls. */
  ask: () => Promise<void>;
  /** Somebody has signed in on this page. */
  enter: (account: Account) => void;
};

const times = { leastMs: 1000, mostMs: 10_000 };

/** `home`: the path of the page whose gate it is. */
export function createGate(tabs: Tabs, home: string): Gate {
  const state = signal<GateState>({ kind: 'asking' });
  let asking: Promise<void> | null = null;

  function letIn(account: Account): void {
    speakFor(account.owner);
    state.value = { kind: 'in', account };
  }

  async function askUntilKnown(): Promise<void> {
    for (let waitMs = times.leastMs; ; waitMs = Math.min(waitMs * 1.5, times.mostMs)) {
      try {
        return letIn(await getAccount());
      } catch (error) {
        if (wantsSignIn(error)) {
          state.value = { kind: 'signIn' };
          return;
        }
        const problem = error instanceof Problem ? error : unreachable();
        state.value = { kind: 'waiting', problem };
        const wanted = Math.min(problem.retryAfter ?? 0, 60) * 1000;
        await pause(Math.max(waitMs, wanted));
      }
    }
  }

  tabs.listen((news) => {
    if (news.kind === 'account' && state.value.kind === 'signIn') void ask();
  });

  function ask(): Promise<void> {
    asking ??= askUntilKnown().finally(() => {
      asking = null;
    });
    return asking;
  }

  void ask();
  return {
    state,
    ask,
    enter(account) {
      tabs.tell({ kind: 'account', owner: account.owner });
      // Shown in place of another page, it has done its work.
      if (location.pathname !== home) location.reload();
      else letIn(account);
    },
  };
}

/** Begins anew, with nothing of what was: for another owner, or for nobody. */
export function startAnew(home: string): void {
  history.replaceState(null, '', home);
  location.reload();
}
