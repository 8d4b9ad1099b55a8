// The address bar: `#/sessions/<id>` is a session, anything else is a new one.

/** The session that the address names, or null. `?session=<id>` is understood, and rewritten. */
export function routedSession() {
  const asked = new URLSearchParams(location.search).get('session');
  if (asked !== null) {
    const hash = location.hash || sessionHash(asked);
    history.replaceState(null, '', location.pathname + hash);
  }
  const [, id] = /^#\/sessions\/([^/]+)$/.exec(location.hash) ?? [];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

export const sessionHash = (id) => `#/sessions/${encodeURIComponent(id)}`;
