// Whether the screen is too narrow for the sessions and the conversation side by side; the style sheets say the same.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

const narrow = matchMedia('(max-width: 760px)');

export const isNarrowScreen = (): boolean => narrow.matches;

/** The same for a part of the view, which follows a change. */
export function useNarrow(): boolean {
  const isNarrow = useSignal(narrow.matches);
  useEffect(() => {
    const look = () => {
      isNarrow.value = narrow.matches;
    };
    narrow.addEventListener('change', look);
    return () => narrow.removeEventListener('change', look);
  }, []);
  return isNarrow.value;
}
