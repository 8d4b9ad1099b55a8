// A message's Markdown as nodes of the page, also while it is still being written. Blocks that are complete are
// never touched again; only the last one is rendered anew, at most once a frame. However a text is cut into
// pieces, it looks the same in the end.
import { type CodeBlock, createCodeBlock } from './code-block.ts';
import { listenForCopies } from './copy-button.ts';
import { addTools, finishLater, prepare } from './finish-nodes.ts';
import { createFold } from './fold.ts';
import { isIdle, schedule, unschedule } from './frame-jobs.ts';
import { keepLabelled, label } from './labels.ts';
import { isLoading, lazy } from './lazy.ts';
import { createLineReader } from './lines.ts';
import { type Context, markdown, newContext } from './markdown.ts';
import { keepLastMathAsText } from './math.ts';
import { mend } from './mend.ts';
import { morph } from './morph.ts';
import { addNote, linkNotes, notesOf, withNote } from './notes.ts';
import { sanitize } from './sanitize.ts';
import { createSplitter } from './split.ts';

export interface RichText {
  /** Adds a piece of the text, of any size, cut anywhere. */
  push(piece: string): void;
  /** Shows a whole text instead of what there was. */
  set(text: string): void;
  /** The text is complete. */
  end(): void;
}

/** Milliseconds that `set` and `end` may take before they leave the rest to the next frames. */
const patience = 12;
/** After rendering the last block, this many times as long is left to everything else. */
const rest = 3;

const extras = lazy(async () => (await import('./extras-library.ts')).addExtras);

/** Characters whose blocks are always laid out; those after them only when they come near to being seen. */
const near = 20_000;
const together = 30;

/** `drawn` is called when a text that is complete is all there; colours and math may still come. */
export function createRichText(host: HTMLElement, drawn: () => void = () => {}): RichText {
  let input = createLineReader();
  let splitter = newSplitter();
  let context: Context = newContext();
  let tail: HTMLElement | undefined;
  let code: CodeBlock | undefined;
  let stretch: HTMLElement | undefined;
  /** The folds and the footnote that the text is in. */
  let within: HTMLElement[] = [];
  let ended = false;
  let restsUntil = 0;
  /** Characters of the blocks that are complete. */
  let length = 0;

  host.classList.add('rich-text');
  keepLabelled(host);
  listenForCopies(host);
  loadExtras();

  function newSplitter() {
    return createSplitter({
      text(source, continued) {
        const part = tail ?? newPart();
        tail = undefined;
        const read = markdown(source, context);
        context = read.context;
        length += source.length;
        render(part, read.html, continued, () => finishLater(part));
        addTools(part);
      },
      codeBegins(info) {
        dropTail();
        code = createCodeBlock(newPart(), info, change);
      },
      code(text, ends) {
        code?.add(text, ends);
        length += text.length;
      },
      codeEnds() {
        code?.end();
        code = undefined;
      },
      foldBegins(isOpen, summary) {
        dropTail();
        const fold = createFold(isOpen, summary === '' ? '' : markdown(summary, context).html);
        newPart().append(fold.root);
        label(host);
        within.push(fold.body);
      },
      foldEnds: leave,
      noteBegins(name) {
        dropTail();
        context = { ...context, notes: withNote(context.notes, name, 0) };
        within.push(addNote(host, context.notes, name));
        linkNotes(host, context.notes, false);
      },
      noteEnds: leave,
    });
  }

  function newPart(): HTMLElement {
    const part = document.createElement('div');
    part.className = 'rt-part';
    add(place(), part);
    return part;
  }

  /** Footnotes stay at the end. */
  function add(where: HTMLElement, node: HTMLElement): void {
    where.insertBefore(node, where === host ? notesOf(host) : null);
  }

  function leave(): void {
    dropTail();
    within.pop();
  }

  /** Where the next block goes: far down, some of them are laid out, or left out, together. */
  function place(): HTMLElement {
    const inner = within.at(-1);
    if (inner !== undefined) return inner;
    if (length <= near) return host;
    if (stretch === undefined || stretch.childElementCount >= together) {
      stretch = document.createElement('div');
      stretch.className = 'rt-far';
      add(host, stretch);
    }
    return stretch;
  }

  function dropTail(): void {
    tail?.remove();
    tail = undefined;
    if (stretch?.childElementCount !== 0) return;
    stretch.remove();
    stretch = undefined;
  }

  function showTail(now: number): boolean {
    const { text, starts } = input.rest();
    if (code !== undefined) {
      code.show(starts && splitter.mayCloseCode(text) ? '' : text);
      return true;
    }
    if (now < restsUntil) return false;
    if (starts) splitter.foresee(text);
    const mended = mend(splitter.open, starts && splitter.mayVanish(text) ? '' : text);
    if (mended.source.trim() === '') dropTail();
    else {
      tail ??= newPart();
      render(tail, markdown(mended.source, context).html, splitter.continued, change, mended.openMath);
    }
    restsUntil = now + rest * (performance.now() - now);
    return true;
  }

  function work(deadline: number): boolean {
    for (let line = input.next(); line !== undefined; line = input.next()) {
      splitter.line(line);
      if (performance.now() > deadline) return true;
    }
    if (!ended) return !showTail(performance.now());
    const last = input.last();
    if (last !== undefined) splitter.line(last);
    splitter.end();
    dropTail();
    linkNotes(host, context.notes, true);
    drawn();
    return false;
  }

  function change(): void {
    if (!ended) schedule(work);
  }

  function workNow(): void {
    unschedule(work);
    if (work(performance.now() + patience)) schedule(work);
  }

  return {
    push(piece) {
      if (ended || piece === '') return;
      input.push(piece);
      schedule(work);
    },
    set(text) {
      input = createLineReader();
      splitter = newSplitter();
      context = newContext();
      tail = undefined;
      code = undefined;
      stretch = undefined;
      within = [];
      restsUntil = 0;
      length = 0;
      host.replaceChildren();
      input.push(text);
      ended = true;
      workNow();
    },
    end() {
      if (ended) return;
      ended = true;
      workNow();
    },
  };
}

function loadExtras(): void {
  extras.get(loadExtras)?.();
}

/** When every text is shown in its final look: for tests and pictures. */
export async function richTextSettled(): Promise<void> {
  while (!isIdle() || isLoading()) await new Promise((done) => requestAnimationFrame(done));
}

function render(
  part: HTMLElement,
  html: string,
  continued: boolean,
  later: () => void,
  openMath = false,
): void {
  const nodes = sanitize(html);
  if (openMath) keepLastMathAsText(nodes);
  prepare(nodes, later);
  part.classList.toggle('rt-more', continued);
  morph(part, nodes);
}
