// Keeps the newest text in view, unless the reader has scrolled up to read.
import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** Pixels that still count as the bottom. */
const near = 48;

export type Sticking = {
  /** The reader is somewhere above, and does not follow. */
  isAway: ReadonlySignal<boolean>;
  /** Goes to the bottom and stays there. */
  follow: () => void;
};

export function useStickToBottom(
  scroller: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
): Sticking {
  const isAway = useSignal(false);
  const following = useRef(true);

  const follow = () => {
    following.current = true;
    isAway.value = false;
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  };

  useLayoutEffect(() => {
    const [box, inner] = [scroller.current, content.current];
    if (!box || !inner) return;
    let last = 0;
    let height = 0;
    /** The reader has opened or closed something, and looks at it until he scrolls. */
    let reads = false;

    const look = () => {
      const { scrollTop, scrollHeight, clientHeight } = box;
      const atBottom = scrollHeight - scrollTop - clientHeight < near;
      // Text that arrives, and text that gets its true height, also move us: only the reader goes up on his own.
      if (atBottom && !reads) following.current = true;
      else if (scrollTop < last && scrollHeight >= height) following.current = false;
      last = scrollTop;
      height = scrollHeight;
      isAway.value = !following.current && !atBottom;
    };
    const resized = () => {
      if (following.current) box.scrollTop = box.scrollHeight;
      look();
    };

    const scrolled = () => {
      reads = false;
      look();
    };
    const clicked = ({ target }: MouseEvent) => {
      if (!(target instanceof Element) || !target.closest('summary')) return;
      reads = true;
      following.current = false;
    };

    follow();
    box.addEventListener('scroll', scrolled, { passive: true });
    inner.addEventListener('click', clicked);
    const observer = new ResizeObserver(resized);
    observer.observe(inner);
    observer.observe(box);
    return () => {
      box.removeEventListener('scroll', scrolled);
      inner.removeEventListener('click', clicked);
      observer.disconnect();
    };
  }, []);

  return { isAway, follow };
}
