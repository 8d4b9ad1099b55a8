// Loads earlier messages when the reader comes near the first one; what is being read stays where it is.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Conversation } from '../state/conversation.ts';

/** Pixels above the reader that are to be there before he is. */
const ahead = 1500;
const anchorsItself = CSS.supports('overflow-anchor', 'auto');

export function useEarlier(scroller: RefObject<HTMLElement | null>, conversation: Conversation): void {
  const { items, hasEarlier, loadingEarlier } = conversation;
  const firstKey = items.value[0]?.key;
  const before = useRef<{ key: string | undefined; fromBottom: number }>({ key: firstKey, fromBottom: 0 });
  const box = scroller.current;
  // The page is still as it was before what came.
  if (box && before.current.key !== firstKey) before.current.fromBottom = box.scrollHeight - box.scrollTop;

  useLayoutEffect(() => {
    if (!scroller.current || before.current.key === firstKey) return;
    before.current.key = firstKey;
    // At the very top browsers do not keep the place, and some never do.
    if (!anchorsItself || scroller.current.scrollTop === 0)
      scroller.current.scrollTop = scroller.current.scrollHeight - before.current.fromBottom;
  }, [firstKey]);

  useEffect(() => {
    const place = scroller.current;
    if (!place || !hasEarlier.value) return;
    const look = () => {
      if (place.scrollTop < ahead) void conversation.loadEarlier();
    };
    look();
    place.addEventListener('scroll', look, { passive: true });
    return () => place.removeEventListener('scroll', look);
  }, [firstKey, hasEarlier.value, loadingEarlier.value]);
}
