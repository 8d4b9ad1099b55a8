// A block of code that grows: what is there stays, and only its last slice is touched.
import { addTools, colour, finishLater } from './finish-nodes.ts';
import { highlight } from './highlight.ts';
import { codeFrame } from './html.ts';
import { label } from './labels.ts';
import { morph } from './morph.ts';
import { sanitize } from './sanitize.ts';

/** Characters in a slice: layout and colours of one are cheap enough to be made anew at every frame. */
const sliceLength = 4000;

/** Slices that are always laid out; those after them only when they come near to being seen. */
const nearSlices = 8;

export interface CodeBlock {
  /** Adds code; `ends`: it ends a line. */
  add(text: string, ends: boolean): void;
  /** Shows what was added, and `partial`, the beginning of the next line. */
  show(partial: string): void;
  /** Shows all, in its final look. */
  end(): void;
}

/** `changed` is called when it can be shown better. */
export function createCodeBlock(host: HTMLElement, info: string, changed: () => void): CodeBlock {
  const frame = sanitize(codeFrame(info, ''));
  const block = frame.querySelector('.rt-code');
  const code = frame.querySelector('code');
  let slice = frame.querySelector('.rt-slice');
  if (!block || !code || !slice) throw new Error('the sanitiser took a block of code apart');
  label(frame);
  host.append(frame);
  const language = code.getAttribute('data-language') ?? '';
  let text = '';
  /** The line break before the next line: the last one of the code is not shown. */
  let pending = '';
  let painted: string | undefined;

  function paint(wanted: string, coloured: boolean): void {
    if (wanted === painted || slice === null) return;
    painted = wanted;
    const nodes = coloured ? highlight(wanted, language, again) : 'not yet';
    const plain = document.createDocumentFragment();
    plain.append(wanted);
    morph(slice, typeof nodes === 'string' ? plain : nodes);
  }

  function again(): void {
    painted = undefined;
    changed();
  }

  return {
    add(added, ends) {
      if (text !== '' && text.length + added.length > sliceLength) {
        paint(text + pending, painted !== undefined);
        slice = document.createElement('span');
        slice.className = code.childElementCount < nearSlices ? 'rt-slice' : 'rt-slice rt-far';
        code.append(slice);
        text = '';
        pending = '';
        painted = undefined;
      }
      text += pending + added;
      pending = ends ? '\n' : '';
    },
    show: (partial) => paint(partial === '' ? text : text + pending + partial, true),
    end() {
      paint(text, false);
      if (code.children.length === 1) colour(code, () => finishLater(block));
      else finishLater(block);
      addTools(block);
    },
  };
}
