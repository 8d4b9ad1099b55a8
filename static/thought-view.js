// The folded "thought" above a reply: open while it streams, folded when the answer starts,
// and left alone once the reader has touched it.
import { element } from './element.js';
import { say } from './locale.js';

export function createThought() {
  const text = element('div', 'thought-text');
  text.dir = 'auto';
  const summary = say(element('summary', ''), 'thought');
  const root = element('details', 'thought', summary, text);
  root.hidden = true;
  let touched = false;
  let data = null;
  summary.addEventListener('click', () => {
    touched = true;
  });

  function set(content) {
    data = document.createTextNode(content);
    text.replaceChildren(data);
    root.hidden = content === '';
  }
  set('');

  return {
    root,
    set,
    isEmpty: () => data.length === 0,
    push(piece) {
      if (root.hidden && !touched) root.open = true;
      root.hidden = false;
      data.appendData(piece);
    },
    fold() {
      if (!touched) root.open = false;
    },
  };
}
