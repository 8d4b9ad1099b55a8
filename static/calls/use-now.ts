// The time, for what says how much of it is left.
import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const everyMs = 15_000;

/** Looked at now and then, and right when `at` has come; milliseconds. `passed` is called then, and again and again. */
export function useNow(at: number, passed: () => void): ReadonlySignal<number> {
  const now = useSignal(Date.now());
  useEffect(() => {
    const look = () => {
      now.value = Date.now();
      const left = at - now.value;
      if (left <= 0) passed();
      timer = setTimeout(look, left <= 0 ? 2000 : Math.min(left + 50, everyMs));
    };
    let timer = setTimeout(look, Math.max(0, Math.min(at - Date.now() + 50, everyMs)));
    return () => clearTimeout(timer);
  }, [at]);
  return now;
}
