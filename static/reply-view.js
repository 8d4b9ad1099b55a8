// An assistant's reply, while it is written and once it is stored.
import { element, textButton } from './element.js';
import { say } from './locale.js';
import { createRichText, renderText } from './rich-text.js';
import { createThought } from './thought-view.js';

const cut = { length: 'finishLength', content_filter: 'finishFilter' };

export function createReply() {
  const thought = createThought();
  const text = element('div', 'text');
  const pending = element('p', 'pending');
  const notices = element('div', 'notices');
  const root = element(
    'article',
    'message assistant',
    say(element('h2', 'who'), 'assistant'),
    thought.root,
    text,
    pending,
    notices,
  );
  let streamed = '';
  let rich = createRichText(text);
  wait('waiting');

  function wait(name, values) {
    say(pending, name, values);
    pending.hidden = false;
  }

  /** Forgets what was streamed: the turn starts again. */
  function clear() {
    streamed = '';
    text.replaceChildren();
    rich = createRichText(text);
    thought.set('');
    notices.replaceChildren();
    wait('waiting');
  }

  function notice(name, className = 'notice') {
    notices.append(say(element('p', className), name));
  }

  /** No more pieces will come. */
  function end() {
    rich.end();
    thought.fold();
    pending.hidden = true;
  }

  /** Shows a stored message in place of its pieces. */
  function settle(message) {
    end();
    thought.set(message.thought ?? '');
    if (message.content !== streamed) renderText(text, message.content);
    notices.replaceChildren();
    const metadata = message.metadata ?? {};
    if (metadata.cancelled) notice(message.content === '' ? 'cancelledEmpty' : 'cancelled');
    else if (cut[metadata.finish_reason]) notice(cut[metadata.finish_reason]);
    if (metadata.demo) notice('demo', 'notice demo');
  }

  return {
    root,
    clear,
    wait,
    notice,
    end,
    settle,
    pushThought(piece) {
      thought.push(piece);
      if (streamed === '') wait('thinking');
    },
    setThought(content) {
      if (thought.isEmpty()) thought.set(content);
    },
    pushText(piece) {
      thought.fold();
      pending.hidden = true;
      streamed += piece;
      rich.push(piece);
    },
    /** Shows what went wrong, and a button for what can be done about it. */
    fail({ title, text, problem, action, onAction }) {
      end();
      const details = element('p', '', problem?.sentence() ?? '');
      if (text) say(details, text);
      details.dir = 'auto';
      const id = problem?.requestId
        ? say(element('p', 'request-id'), 'requestId', { id: problem.requestId })
        : null;
      const box = element('div', 'failure', say(element('strong', ''), title), details, id);
      box.append(textButton(action, 'button plain small', () => onAction()));
      notices.replaceChildren(box);
    },
  };
}
