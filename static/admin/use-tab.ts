// Which part of the page the address names; the first where it names none.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

export function useTab<Tab extends string>(tabs: readonly Tab[]): Tab {
  const read = () => tabs.find((tab) => location.hash === `#/${tab}`) ?? tabs[0];
  const tab = useSignal(read());
  useEffect(() => {
    const look = () => {
      tab.value = read();
    };
    addEventListener('hashchange', look);
    return () => removeEventListener('hashchange', look);
  }, []);
  if (tab.value === undefined) throw new Error('a page without parts');
  return tab.value;
}
