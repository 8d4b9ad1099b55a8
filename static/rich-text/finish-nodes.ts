// What happens to nodes between the sanitiser and the page: words, direction, formulas, colours.
import { schedule } from './frame-jobs.ts';
import { highlight } from './highlight.ts';
import { label } from './labels.ts';
import { lazy } from './lazy.ts';
import { showMath } from './math.ts';
import { showTrueAddresses } from './true-addresses.ts';

/** Makes fresh nodes ready as far as that can be done at once; `later` is called when more can be. */
export function prepare(fragment: DocumentFragment, later: () => void): void {
  label(fragment);
  showTrueAddresses(fragment);
  for (const block of fragment.children) {
    if (!block.matches('.rt-code, .rt-table, .rt-math, hr')) block.setAttribute('dir', 'auto');
    if (block.matches('.rt-table') && startsRightToLeft(block)) block.setAttribute('dir', 'rtl');
  }
  showMath(fragment, later);
  for (const code of uncoloured(fragment)) colour(code, later);
}

/** Its cells go by themselves, so the browser would not ask them. */
function startsRightToLeft(table: Element): boolean {
  return /^[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}]/u.test(
    /\p{L}/u.exec(table.textContent)?.[0] ?? '',
  );
}

/** Does the same to nodes of the page that will not change any more. */
export function finishLater(root: ParentNode): void {
  const later = () => finishLater(root);
  const waiting: Element[] = [];
  let begun = false;
  schedule((deadline) => {
    if (!begun) {
      begun = true;
      showMath(root, later);
      waiting.push(...uncoloured(root));
    }
    for (let code = waiting.shift(); code !== undefined; code = waiting.shift()) {
      colour(code, later);
      waiting.push(...uncoloured(code));
      if (performance.now() > deadline) break;
    }
    return waiting.length > 0;
  });
}

/** Colours a block of code or a slice of one. The slices of a long block are left to be coloured one by one. */
export function colour(code: Element, later: () => void): void {
  const language = code.getAttribute('data-language') ?? '';
  const nodes = highlight(code.textContent, language, later);
  if (nodes === 'not yet') return;
  code.removeAttribute('data-language');
  if (nodes === 'never') return;
  if (nodes === 'too long') {
    for (const slice of code.children) slice.setAttribute('data-language', language);
  } else if (code.localName === 'code') {
    const slice = document.createElement('span');
    slice.className = 'rt-slice';
    slice.append(nodes);
    code.replaceChildren(slice);
  } else code.replaceChildren(nodes);
}

const tools = lazy(async () => (await import('./tools-library.ts')).addTools);

/** Adds what can be done with blocks that are complete. */
export function addTools(root: Element): void {
  if (root.querySelector('.rt-code-bar, .rt-table-bar, .rt-image')) tools.get(() => addTools(root))?.(root);
}

function uncoloured(root: ParentNode): NodeListOf<Element> {
  return root.querySelectorAll('[data-language]');
}
