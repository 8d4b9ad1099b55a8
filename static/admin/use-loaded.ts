// What a part of the page shows of the server: read when it is opened, again when its question changes or the server
// comes back; what was read stays until there is something newer.
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { Problem } from '../api/problem.ts';
import { useAdmin } from './admin-context.ts';
import type { Part } from './calls.ts';

export type Loaded<T> = {
  value: T | null;
  problem: Problem | null;
  isBusy: boolean;
  reload: () => Promise<void>;
};

/** `question`: what the answer depends on. */
export function useLoaded<T>(question: string, read: () => Promise<T>): Loaded<T> {
  const { connection } = useAdmin();
  const value = useSignal<T | null>(null);
  const problem = useSignal<Problem | null>(null);
  const isBusy = useSignal(true);
  const round = useRef(0);

  const reload = useCallback(async () => {
    const mine = ++round.current;
    isBusy.value = true;
    try {
      const answer = await read();
      if (mine !== round.current) return;
      value.value = answer;
      problem.value = null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (mine !== round.current) return;
      problem.value = error;
      connection.suspect(error);
    } finally {
      if (mine === round.current) isBusy.value = false;
    }
  }, [question]);

  const { value: returns } = connection.returns;
  useEffect(() => void reload(), [question, returns]);
  return { value: value.value, problem: problem.value, isBusy: isBusy.value, reload };
}

export type LoadedList<T> = Loaded<T[]> & More;

/** The rest of a list. */
export type More = {
  hasMore: boolean;
  isMoreBusy: boolean;
  moreProblem: Problem | null;
  loadMore: () => Promise<void>;
};

/** The same for a list that comes in pages. */
export function useLoadedList<T>(
  question: string,
  read: (next: string | null) => Promise<Part<T>>,
): LoadedList<T> {
  const { connection } = useAdmin();
  const rest = useSignal<{ of: Part<T> | null; rows: T[]; next: string | null }>({
    of: null,
    rows: [],
    next: null,
  });
  const isMoreBusy = useSignal(false);
  const moreFailed = useSignal<{ of: Part<T> | null; problem: Problem } | null>(null);
  const first = useLoaded(question, () => read(null));
  const mine = rest.value.of === first.value ? rest.value : null;
  const next = mine ? mine.next : (first.value?.next ?? null);
  const rows = first.value && [...first.value.rows, ...(mine?.rows ?? [])];

  async function loadMore(): Promise<void> {
    if (next === null || isMoreBusy.value) return;
    const of = first.value;
    isMoreBusy.value = true;
    moreFailed.value = null;
    try {
      const part = await read(next);
      rest.value = { of, rows: [...(mine?.rows ?? []), ...part.rows], next: part.next };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      moreFailed.value = { of, problem: error };
    } finally {
      isMoreBusy.value = false;
    }
  }

  return {
    ...first,
    value: rows,
    hasMore: next !== null,
    isMoreBusy: isMoreBusy.value,
    moreProblem: moreFailed.value?.of === first.value ? (moreFailed.value?.problem ?? null) : null,
    loadMore,
  };
}
