// The list of sessions: most recently updated first, one page after another.
import { listSessions } from './api.js';
import { element, iconButton } from './element.js';
import { locale, say } from './locale.js';

/** `onRename(session)` and `onDelete(session)` are called for the session whose button was pressed. */
export function createSessionList({ list, hint, more }, { onRename, onDelete }) {
  const sessions = new Map();
  const rows = new Map(); // what is shown: id -> { item, shows }
  let current = null;
  let next = null; // the next page's address
  let failed = false;

  function row(session) {
    const name = element('span', 'name', session.name);
    name.dir = 'auto';
    const time = element('time', '', shortTime(session.updated_at));
    time.dateTime = session.updated_at;
    const link = element('a', '', name, time);
    link.href = `#/sessions/${session.id}`;
    link.title = session.name;
    if (session.id === current) link.setAttribute('aria-current', 'page');
    const values = { name: session.name };
    const rename = iconButton('pencil', 'renameNamed', values, () => onRename(session));
    const remove = iconButton('trash', 'deleteNamed', values, () => onDelete(session));
    return element('li', '', link, element('span', 'actions', rename, remove));
  }

  /** A row that shows what it should stays the element it is: one replaced under a pressed mouse gets no click. */
  function rowOf(session) {
    const shows = JSON.stringify([session.name, session.updated_at, session.id === current, locale()]);
    const kept = rows.get(session.id);
    if (kept?.shows === shows) return kept.item;
    const item = row(session);
    if (kept?.item.contains(document.activeElement)) queueMicrotask(() => item.querySelector('a').focus());
    rows.set(session.id, { item, shows });
    return item;
  }

  function draw() {
    const newestFirst = [...sessions.values()].sort((a, b) => b.updated_at.localeCompare(a.updated_at));
    const items = newestFirst.map(rowOf);
    for (const shown of [...list.children]) if (!items.includes(shown)) shown.remove();
    items.forEach((item, place) => {
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    if (!failed) {
      hint.hidden = sessions.size > 0;
      say(hint, 'noSessions');
    }
    more.hidden = next === null && !failed;
    say(more, failed ? 'reload' : 'loadMore');
  }

  async function load(path) {
    more.disabled = true;
    try {
      const page = await listSessions(path);
      for (const session of page.sessions) sessions.set(session.id, session);
      next = page.next;
      failed = false;
    } catch (error) {
      failed = true;
      hint.hidden = false;
      delete hint.dataset.t;
      hint.textContent = error.sentence?.() ?? String(error);
    } finally {
      more.disabled = false;
      draw();
    }
  }

  more.addEventListener('click', () => load(next ?? undefined));

  return {
    load: () => load(),
    draw,
    update(session) {
      sessions.set(session.id, session);
      draw();
    },
    remove(id) {
      sessions.delete(id);
      rows.delete(id);
      draw();
    },
    setCurrent(id) {
      current = id;
      draw();
    },
    nameOf: (id) => sessions.get(id)?.name ?? null,
  };
}

/** Today's times as a time, others as a date. */
function shortTime(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return '';
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { hour: '2-digit', minute: '2-digit' } : { month: 'short', day: 'numeric' };
  return new Intl.DateTimeFormat(locale(), style).format(date);
}
