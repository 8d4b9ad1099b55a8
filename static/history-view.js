// The messages of one session in the page, newest page first, older ones on demand.
import { getHistory, getSession } from './api.js';
import { element, textButton } from './element.js';
import { createReply } from './reply-view.js';
import { userMessage } from './user-message.js';

const pageSize = 100;

export function createHistory(sessionId) {
  const log = element('div', 'log');
  const earlier = textButton('earlier', 'quiet earlier', loadEarlier);
  const root = element('div', 'history', earlier, log);
  const shown = new Map(); // message id to its element
  let oldest = null;
  let left = 0;
  earlier.hidden = true;

  function draw(message) {
    if (message.source !== 'assistant') return userMessage(message.content);
    const reply = createReply();
    reply.settle(message);
    return reply.root;
  }

  function drawPage(messages) {
    return messages.map((message) => {
      const drawn = draw(message);
      shown.set(message.id, drawn);
      return drawn;
    });
  }

  function pageShown(messages, before) {
    oldest = messages[0]?.id ?? oldest;
    left = messages.length === 0 ? 0 : Math.max(0, before);
    earlier.hidden = left === 0;
    keepOneDemoNotice();
  }

  /** Every reply of the demo model says so; once is enough to read. */
  function keepOneDemoNotice() {
    for (const notice of [...log.querySelectorAll('.demo')].slice(0, -1)) notice.remove();
  }

  async function loadEarlier() {
    earlier.disabled = true;
    try {
      const messages = await getHistory(sessionId, { before: oldest });
      const scroller = root.closest('.scroller');
      const height = scroller?.scrollHeight ?? 0;
      log.prepend(...drawPage(messages));
      pageShown(messages, left - messages.length);
      if (scroller) scroller.scrollTop += scroller.scrollHeight - height;
    } catch (error) {
      earlier.title = error.detail ?? '';
    } finally {
      earlier.disabled = false;
    }
  }

  return {
    root,
    log,
    keepOneDemoNotice,
    /** Replaces everything by the newest page; resolves with the session. */
    async load() {
      const session = await getSession(sessionId);
      const offset = Math.max(0, session.message_count - pageSize);
      // messages that arrive between the two calls still fit into a page of twice the size
      const messages = await getHistory(sessionId, { limit: String(2 * pageSize), offset: String(offset) });
      shown.clear();
      log.replaceChildren(...drawPage(messages));
      pageShown(messages, offset);
      return { session, newest: messages.at(-1) ?? null };
    },
    /** The newest few messages, as stored now. */
    async newest(count) {
      const session = await getSession(sessionId);
      const offset = Math.max(0, session.message_count - count);
      return getHistory(sessionId, { limit: String(count), offset: String(offset) });
    },
    /** The element of a stored message, or undefined. */
    find: (id) => shown.get(id),
    remember: (id, drawn) => shown.set(id, drawn),
  };
}
