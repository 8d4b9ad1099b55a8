// The sessions: most recently updated first, a page at a time, all of them or those that contain a text.
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import {
  changeSession,
  deleteSession,
  getSession,
  listSessions,
  type SessionPage,
  sessionPage,
} from '../api/sessions.ts';
import type { Session } from '../api/wire.ts';
import type { Connection } from './connection.ts';

export type SessionList = {
  /** What is to be shown. */
  sessions: ReadonlySignal<Session[]>;
  status: Signal<'loading' | 'ready' | Problem>;
  query: Signal<string>;
  hasMore: ReadonlySignal<boolean>;
  /** Shows those that contain a text; an empty one shows all. */
  search: (text: string) => void;
  /** Looks whether something changed elsewhere. */
  refresh: () => Promise<void>;
  loadMore: () => Promise<void>;
  /** Takes in what another call told of a session. */
  update: (session: Session) => void;
  /** Every session that was ever read, also those that are not shown. */
  find: (id: string) => Session | undefined;
  /** Reads one session that no page had; undefined where there is none. */
  read: (id: string) => Promise<Session | undefined>;
  rename: (id: string, name: string) => Promise<void>;
  hide: (id: string) => void;
  unhide: (id: string) => void;
  /** Deletes it for good; one that is gone already is as good. */
  remove: (id: string, lastMoment?: boolean) => Promise<void>;
};

export function createSessionList(connection: Connection): SessionList {
  const known = signal<ReadonlyMap<string, Session>>(new Map());
  const listed = signal<readonly string[]>([]);
  const hidden = signal<ReadonlySet<string>>(new Set());
  const next = signal<string | null>(null);
  const status = signal<SessionList['status']['value']>('loading');
  const query = signal('');
  let reading = new AbortController();

  const sessions = computed(() =>
    listed.value
      .flatMap((id) => known.value.get(id) ?? [])
      .filter(({ id }) => !hidden.value.has(id))
      .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt) || b.id.localeCompare(a.id)),
  );

  function learn(read: readonly Session[]): void {
    known.value = new Map([...known.value, ...read.map((session) => [session.id, session] as const)]);
  }

  async function attempt(read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    try {
      await read(signal);
      status.value = 'ready';
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      status.value = error;
    }
  }

  const refresh = () =>
    attempt(async (signal) => {
      const page = await listSessions(query.value, signal);
      signal.throwIfAborted();
      learn(page.sessions);
      const rest = afterPage(page);
      listed.value = [...page.sessions.map(({ id }) => id), ...rest];
      if (rest.length === 0) next.value = page.next;
    });

  /** What further pages had shown stays; what the first page should have and has not is gone. */
  function afterPage({ sessions: page, next: more }: SessionPage): string[] {
    const last = page.at(-1);
    if (more === null || last === undefined) return [];
    const onPage = new Set(page.map(({ id }) => id));
    return listed.value.filter((id) => {
      const session = known.value.get(id);
      return !onPage.has(id) && session !== undefined && session.updatedAt < last.updatedAt;
    });
  }

  return {
    sessions,
    status,
    query,
    hasMore: computed(() => next.value !== null),
    refresh,
    search(text) {
      if (text === query.value) return;
      query.value = text;
      listed.value = [];
      next.value = null;
      status.value = 'loading';
      void refresh();
    },
    loadMore: () =>
      attempt(async (signal) => {
        if (next.value === null) return;
        const page = await sessionPage(next.value, signal);
        signal.throwIfAborted();
        learn(page.sessions);
        listed.value = [...new Set([...listed.value, ...page.sessions.map(({ id }) => id)])];
        next.value = page.next;
      }),
    update(session) {
      learn([session]);
      if (query.value === '' && !listed.value.includes(session.id))
        listed.value = [session.id, ...listed.value];
    },
    find: (id) => known.value.get(id),
    async read(id) {
      const session = await getSession(id).catch(() => undefined);
      if (session) learn([session]);
      return session;
    },
    async rename(id, name) {
      const before = known.value.get(id);
      if (before) learn([{ ...before, name }]);
      try {
        learn([await changeSession(id, { name })]);
      } catch (error) {
        if (before) learn([before]);
        throw error;
      }
    },
    hide(id) {
      hidden.value = new Set([...hidden.value, id]);
    },
    unhide(id) {
      hidden.value = new Set([...hidden.value].filter((one) => one !== id));
    },
    async remove(id, lastMoment = false) {
      await deleteSession(id, lastMoment).catch((error: unknown) => {
        if (!(error instanceof Problem && error.status === 404)) throw error;
      });
      listed.value = listed.value.filter((one) => one !== id);
      known.value = new Map([...known.value].filter(([one]) => one !== id));
    },
  };
}
