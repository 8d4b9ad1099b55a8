// What a form does with the server: one thing at a time, and why it did not work.
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import { useAdmin } from './admin-context.ts';

export type Saving = {
  isBusy: boolean;
  problem: Problem | null;
  /** Does it, unless something is being done. */
  run: (work: () => Promise<void>) => Promise<void>;
};

export function useSaving(): Saving {
  const { connection } = useAdmin();
  const isBusy = useSignal(false);
  const problem = useSignal<Problem | null>(null);

  async function run(work: () => Promise<void>): Promise<void> {
    if (isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  }

  return { isBusy: isBusy.value, problem: problem.value, run };
}
