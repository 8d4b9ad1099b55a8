// The search: the list follows what is typed, once it pauses.
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';

const pauseMs = 200;

export function SessionSearch() {
  const { list, settings } = useApp();
  const { t } = settings;
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const search = (text: string, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => list.search(text.trim()), afterMs);
  };
  const clear = () => {
    if (!input.current) return;
    input.current.value = '';
    search('', 0);
    input.current.focus();
  };

  return (
    <search class="search">
      <Icon name="search" />
      <input
        ref={input}
        id="search"
        type="search"
        dir="auto"
        autocomplete="off"
        maxLength={100}
        aria-label={t('search')}
        placeholder={t('search')}
        onInput={(event) => search(event.currentTarget.value, pauseMs)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'Escape' && event.currentTarget.value !== '') {
            event.preventDefault();
            clear();
          } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            document.querySelector<HTMLElement>('#session-list a')?.focus();
          }
        }}
      />
      {list.query.value !== '' && (
        <button type="button" class="icon small" aria-label={t('clearSearch')} onClick={clear}>
          <Icon name="close" />
        </button>
      )}
    </search>
  );
}
