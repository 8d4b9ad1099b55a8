// Shows formulas as MathML. The library is loaded with the first of them.
import { lazy } from './lazy.ts';
import { createRecent } from './recent.ts';

/** A formula within a line that is longer than this may be wider than the line, and scrolls. */
const wide = 50;

type ToMathML = (tex: string, display: boolean) => DocumentFragment;

const library = lazy(async () => (await import('./math-library.ts')).toMathML);
const recent = createRecent<DocumentFragment | 'wrong'>(300);

/** Fills the slots of formulas below `root`. `later` is called if they have to wait for the library. */
export function showMath(root: ParentNode, later: () => void): void {
  const slots = root.querySelectorAll('.rt-math[data-tex]');
  if (slots.length === 0) return;
  const toMathML = library.get(later);
  if (toMathML === undefined) return;
  for (const slot of slots) fill(slot, toMathML);
}

/** A formula that is not complete stays text. */
export function keepLastMathAsText(root: ParentNode): void {
  [...root.querySelectorAll('.rt-math[data-tex]')].at(-1)?.removeAttribute('data-tex');
}

function fill(slot: Element, toMathML: ToMathML): void {
  const tex = slot.getAttribute('data-tex') ?? '';
  const display = slot.classList.contains('rt-math-display');
  slot.removeAttribute('data-tex');
  const nodes = recent(`${display} ${tex}`, () => formula(tex, display, toMathML));
  if (nodes === 'wrong') slot.classList.add('rt-math-wrong');
  else slot.replaceChildren(nodes.cloneNode(true));
  if (!display && tex.length > wide) slot.classList.add('rt-math-wide');
}

/** What is not TeX, or nests deeper than the stack, stays as it was written. */
function formula(tex: string, display: boolean, toMathML: ToMathML): DocumentFragment | 'wrong' {
  try {
    return toMathML(tex, display);
  } catch {
    return 'wrong';
  }
}
