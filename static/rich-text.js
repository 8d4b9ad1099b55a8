// A message's text as DOM nodes: plain text, and fenced code in a block with a copy button.
// It is fed piece by piece, so that a long reply is never rendered twice.
import { copyText } from './copy.js';
import { element, textButton } from './element.js';
import { say } from './locale.js';

const opening = /^\s*(`{3,}|~{3,})([^`]*)$/;
const maybeFence = /^\s*(?:`|~|$)/;

/** `push` adds a piece below `root`; `end` shows what was held back. */
export function createRichText(root) {
  let target = null; // the text node that grows
  let fence = null; // what opened the code block we are in
  let blank = ''; // blank lines, shown only once text follows
  let tail = ''; // the line that is not complete yet
  let shown = 0; // how much of it is on the page

  function show(text) {
    if (target === null) {
      target = document.createTextNode('');
      const paragraph = element('div', 'plain', target);
      paragraph.dir = 'auto';
      root.append(paragraph);
    }
    target.appendData(blank + text);
    blank = '';
  }

  function line(text, end) {
    const bare = text.trim();
    if (fence !== null) {
      if (bare.startsWith(fence) && bare === fence[0].repeat(bare.length)) {
        fence = null;
        target = null;
      } else show(text.slice(shown) + end);
      return;
    }
    const opened = shown === 0 && end !== '' ? opening.exec(text) : null;
    if (opened) {
      fence = opened[1];
      blank = '';
      target = codeBlock(root, opened[2].trim());
    } else if (bare === '' && shown === 0) {
      if (target !== null || root.childElementCount === 0) blank += text + end;
    } else {
      show(text.slice(shown));
      blank = end;
    }
  }

  return {
    push(piece) {
      const lines = (tail + piece).split('\n');
      tail = lines.pop();
      for (const text of lines) {
        line(text, '\n');
        shown = 0;
      }
      if (maybeFence.test(tail)) return;
      show(tail.slice(shown));
      shown = tail.length;
    },
    end() {
      if (tail !== '') line(tail, '');
      tail = '';
      shown = 0;
    },
  };
}

/** A whole text at once. */
export function renderText(root, text) {
  root.replaceChildren();
  const rich = createRichText(root);
  rich.push(text);
  rich.end();
}

/** Adds an empty code block and returns its text node. */
function codeBlock(root, language) {
  const text = document.createTextNode('');
  const name =
    language === '' ? say(element('span', 'language'), 'code') : element('span', 'language', language);
  const copy = textButton('copy', 'quiet', async () => {
    await copyText(text.data);
    say(copy, 'copied');
    setTimeout(() => say(copy, 'copy'), 1500);
  });
  const pre = element('pre', '', element('code', '', text));
  pre.dir = 'ltr';
  pre.tabIndex = 0;
  root.append(element('div', 'code', element('div', 'code-bar', name, copy), pre));
  return text;
}
