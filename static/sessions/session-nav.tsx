// The list of sessions, a heading for each day.
import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { focusIfLost } from '../shell/focus.ts';
import { problemText } from '../shell/problem-text.ts';
import { dayName } from '../shell/time.ts';
import { SessionRow } from './session-row.tsx';

export function SessionNav() {
  const { list, settings } = useApp();
  const { t } = settings;
  const sessions = list.sessions.value;
  const status = list.status.value;
  return (
    <nav class="sessions" aria-label={t('sessions')} onKeyDown={moveInList}>
      {list.query.value !== '' && status === 'ready' && (
        <p class="unseen" role="status">
          {t('found', { count: sessions.length })}
        </p>
      )}
      <div id="session-list">
        {byDay(sessions).map(([day, group]) => (
          <section key={day} aria-label={day}>
            <h2 class="day">{day}</h2>
            <ul>
              {group.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      <Hint />
      {list.hasMore.value && <More />}
    </nav>
  );

  function byDay(all: readonly Session[]): [string, Session[]][] {
    const groups = new Map<string, Session[]>();
    for (const session of all) {
      const day = dayName(session.updatedAt, settings.locale.value, t);
      const group = groups.get(day);
      if (group) group.push(session);
      else groups.set(day, [session]);
    }
    return [...groups];
  }
}

/** What the list says when there is nothing in it, or it could not be read. */
function Hint() {
  const { list, settings, canWrite } = useApp();
  const { t } = settings;
  const status = list.status.value;
  if (typeof status === 'object')
    return (
      <div class="hint">
        <p>
          {t('cannotList')} {problemText(status, t)}
        </p>
        <button
          type="button"
          class="quiet"
          onClick={() => void list.refresh().then(() => focusIfLost('#new-session'))}
        >
          {t('reload')}
        </button>
      </div>
    );
  if (list.sessions.value.length > 0) return null;
  if (status === 'loading') return <p class="hint">{t('loading')}</p>;
  const text = list.query.value;
  return (
    <p class="hint">
      {text === '' ? t(canWrite.value ? 'noSessions' : 'noSessionsToRead') : t('nothingFound', { text })}
    </p>
  );
}

/** Loads the next page when it comes into view, or is pressed. */
function More() {
  const { list, settings } = useApp();
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!button.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) void list.loadMore();
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, [list.sessions.value]);
  return (
    <button
      ref={button}
      type="button"
      class="quiet more"
      id="more-sessions"
      onClick={() => void list.loadMore()}
    >
      {settings.t('loadMore')}
    </button>
  );
}

/** Up and down go from session to session. */
function moveInList(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  if (!(event.target instanceof HTMLAnchorElement)) return;
  const links = [...document.querySelectorAll<HTMLAnchorElement>('#session-list a')];
  const next = links[links.indexOf(event.target) + (event.key === 'ArrowDown' ? 1 : -1)];
  event.preventDefault();
  if (next) next.focus();
  else if (event.key === 'ArrowUp') document.getElementById('search')?.focus();
}
