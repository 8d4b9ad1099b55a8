// A field that tells what was typed once it pauses.
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from '../shell/icon.tsx';

const pauseMs = 250;

export type SearchFieldProps = {
  label: string;
  onSearch: (text: string) => void;
  suggested?: readonly string[];
  onFocus?: () => void;
};

export function SearchField({ label, onSearch, suggested, onFocus }: SearchFieldProps) {
  const id = useId();
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
        list={suggested && id}
        onFocus={onFocus}
        onInput={({ currentTarget: { value } }) => {
          clearTimeout(timer.current);
          timer.current = setTimeout(() => onSearch(value.trim()), pauseMs);
        }}
      />
      {suggested && (
        <datalist id={id}>
          {suggested.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </search>
  );
}
