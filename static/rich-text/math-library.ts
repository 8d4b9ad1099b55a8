// TeX to MathML: the library, and what its inline styles become, for the page allows none.
import temml from 'temml';
import { addStyle } from '../shell/add-style.ts';
import css from './math.css' with { type: 'text' };
import { sanitizer } from './sanitize.ts';

addStyle(css);

interface MathNode {
  type?: string;
  classes?: string[];
  style?: Record<string, string>;
  children?: MathNode[];
}

/** Largest sizes that a formula may ask for: em, and points. */
const largest: [number, number] = [10, 100];

const elements =
  'math menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace ' +
  'msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover';
const attributes =
  'class accent accentunder columnalign depth display displaystyle fence form height largeop linethickness lspace ' +
  'mathsize mathvariant maxsize minsize movablelimits notation rowspacing rspace scriptlevel separator ' +
  'stretchy symmetric voffset width';
const sanitize = sanitizer(elements, attributes);

/** MathML of a formula. Throws if it is not TeX. */
export function toMathML(tex: string, display: boolean): DocumentFragment {
  const tree = temml.__renderToMathMLTree(tex, {
    displayMode: display,
    throwOnError: true,
    trust: false,
    strict: false,
    maxSize: largest,
    maxExpand: 500,
    macros: {},
  });
  useClasses(tree);
  return sanitize(tree.toMarkup());
}

function useClasses(node: MathNode): void {
  const style = node.style ?? {};
  const classes = (node.classes ?? []).filter((name) => name !== '').map(own);
  for (const [property, value] of Object.entries(style)) {
    const name = classOf(node.type ?? '', property, value.trim());
    if (name !== undefined) classes.push(name);
  }
  if (node.classes !== undefined) node.classes = classes;
  if (node.style !== undefined) node.style = {};
  for (const child of node.children ?? []) useClasses(child);
}

function own(name: string): string {
  return name.startsWith('tml-') ? name : `tml-${name}`;
}

function classOf(type: string, property: string, value: string): string | undefined {
  if (type === 'mtd') {
    const side = /^(padding|border)(Left|Right|Top|Bottom)$/.exec(property);
    if (side?.[1] === 'border') return `tml-border-${side[2]?.toLowerCase()}`;
    if (side && Number.parseFloat(value) === 0) return `tml-flush-${side[2]?.toLowerCase()}`;
    if (side && value === '1em') return `tml-apart-${side[2]?.toLowerCase()}`;
    if (property === 'padding' && value === '0') return 'tml-flush-left tml-flush-right';
    if (property === 'width' && value === '50%') return 'tml-half';
  }
  if (type === 'mrow' && property === 'border') return 'tml-box';
  if (type === 'mtable' && property === 'width') return 'tml-wide';
  return undefined;
}
