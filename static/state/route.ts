// The address bar: `#/sessions/<id>` is a session, anything else is a new one.
import { type Signal, signal } from '@preact/signals';

export type Route = {
  /** The session that the address names; null is a new one. */
  sessionId: Signal<string | null>;
  /** Opens another place, at once, and puts it into the browser's history; `replace`: over the present entry. */
  go: (sessionId: string | null, options?: { replace?: boolean }) => void;
};

export const sessionHash = (id: string | null): string =>
  id === null ? '#/' : `#/sessions/${encodeURIComponent(id)}`;

/** The same as an address that is loaded anew, and that a login can come back to: what is after a `#` it never hears. */
export const sessionQuery = (id: string | null): string =>
  id === null ? '.' : `./?session=${encodeURIComponent(id)}`;

export function createRoute(): Route {
  rewriteQuery();
  const sessionId = signal(routedSession());
  const look = () => {
    sessionId.value = routedSession();
  };
  addEventListener('hashchange', look);
  addEventListener('popstate', look);
  return {
    sessionId,
    go(id, { replace = false } = {}) {
      if (routedSession() !== id) {
        if (replace) history.replaceState(null, '', sessionHash(id));
        else history.pushState(null, '', sessionHash(id));
      }
      look();
    },
  };
}

/** `?session=<id>` is understood, and rewritten. */
function rewriteQuery(): void {
  const asked = new URLSearchParams(location.search).get('session');
  if (asked === null) return;
  history.replaceState(null, '', location.pathname + (location.hash || sessionHash(asked)));
}

/** The session that the address names. */
export function routedSession(): string | null {
  const [, id] = /^#\/sessions\/([^/]+)$/.exec(location.hash) ?? [];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
