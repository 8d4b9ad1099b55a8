// What is folded: a summary, and below it the text, which is added to as any other.
import { finishLater, prepare } from './finish-nodes.ts';
import { sanitize } from './sanitize.ts';

/** `summary` is HTML, of which a first paragraph goes in as it is; without one, the word for it does. */
export function createFold(isOpen: boolean, summary: string): { root: HTMLElement; body: HTMLElement } {
  const root = document.createElement('details');
  root.className = 'rt-fold';
  root.open = isOpen;
  const head = document.createElement('summary');
  head.dir = 'auto';
  const nodes = sanitize(summary);
  prepare(nodes, () => finishLater(head));
  const first = nodes.firstElementChild;
  if (first === null) head.dataset.label = 'fold';
  else if (first.localName === 'p') first.replaceWith(...first.childNodes);
  head.append(nodes);
  const body = document.createElement('div');
  body.className = 'rt-fold-text';
  root.append(head, body);
  return { root, body };
}
