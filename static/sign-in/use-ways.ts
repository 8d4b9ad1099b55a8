// Which ways in the server offers; asked again until it says.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getWays, type Ways } from '../api/access.ts';
import { pause } from '../state/pause.ts';

const againMs = 2000;

export function useWays(): { ways: Ways | null; isAway: boolean } {
  const ways = useSignal<Ways | null>(null);
  const isAway = useSignal(false);
  useEffect(() => {
    let isShown = true;
    const ask = async () => {
      while (isShown && ways.value === null) {
        try {
          ways.value = await getWays();
          isAway.value = false;
        } catch {
          isAway.value = true;
          await pause(againMs);
        }
      }
    };
    void ask();
    return () => {
      isShown = false;
    };
  }, []);
  return { ways: ways.value, isAway: isAway.value };
}
