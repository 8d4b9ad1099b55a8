// A text as it is, in blocks: whoever lays it out looks at a whole block again for each letter that is added to it.
import { schedule, unschedule } from '../rich-text/frames.ts';
import type { TextSink } from '../state/text-feed.ts';

/** From this length on, a block ends with its line; from the other on, anywhere. */
const enough = 4000;
const tooMuch = 20_000;

export function plainText(host: HTMLElement): TextSink {
  let waiting = '';
  let block: Text | undefined;

  function newBlock(): Text {
    const place = document.createElement('div');
    const text = document.createTextNode('');
    place.append(text);
    host.append(place);
    return text;
  }

  function show(deadline: number): boolean {
    for (let at = 0; at < waiting.length; ) {
      block ??= newBlock();
      const end = blockEnd(waiting, at, block.length);
      block.appendData(waiting.slice(at, end));
      at = end;
      if (at < waiting.length) {
        // What is complete is left out while it is far from being seen.
        block.parentElement?.classList.add('rt-far');
        block = undefined;
      }
      if (performance.now() < deadline) continue;
      waiting = waiting.slice(at);
      return waiting !== '';
    }
    waiting = '';
    return false;
  }

  return {
    push(piece) {
      waiting += piece;
      schedule(show);
    },
    end: () => {},
    reset() {
      unschedule(show);
      waiting = '';
      block = undefined;
      host.replaceChildren();
    },
  };
}

/** Where what follows `at` goes on in another block, if `length` characters are in this one. */
function blockEnd(text: string, at: number, length: number): number {
  const most = at + tooMuch - length;
  const line = text.slice(at + Math.max(0, enough - length), most).indexOf('\n');
  if (line >= 0) return at + Math.max(0, enough - length) + line + 1;
  if (text.length <= most) return text.length;
  const code = text.charCodeAt(most - 1);
  return code >= 0xd800 && code < 0xdc00 ? most - 1 : most;
}
