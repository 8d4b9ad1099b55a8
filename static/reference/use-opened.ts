// What is open while the address names it, and stays so until it is closed.
import { useEffect, useRef, useState } from 'preact/hooks';

/** For a `details` of this id: whether it is open, and what to tell it. */
export function useOpened(id: string) {
  const element = useRef<HTMLDetailsElement>(null);
  const [isOpen, setOpen] = useState(isNamed(id));
  useEffect(() => {
    const look = () => {
      if (!isNamed(id)) return;
      setOpen(true);
      element.current?.scrollIntoView();
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, [id]);

  function toggled({ currentTarget }: { currentTarget: HTMLDetailsElement }): void {
    setOpen(currentTarget.open);
    if (currentTarget.open) history.replaceState(null, '', `#${id}`);
  }
  return { isOpen, element, toggled };
}

const isNamed = (id: string): boolean => location.hash === `#${id}`;
