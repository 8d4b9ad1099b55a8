// A field that tells what was typed once it pauses.
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../shell/icon.tsx';

const pauseMs = 250;

export function SearchField({ label, onSearch }: { label: string; onSearch: (text: string) => void }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <search class="search">
      <Icon name="search" />
      <input
        type="search"
        dir="auto"
        autocomplete="off"
        maxLength={200}
        aria-label={label}
        placeholder={label}
        onInput={({ currentTarget: { value } }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onSearch(value.trim()), pauseMs);
        }}
      />
    </search>
  );
}
