// Where a text that may grow is shown, drawn by who knows how, and left alone by the rest of the view.
import { useLayoutEffect, useRef } from 'preact/hooks';
import { createRichText } from '../rich-text/rich-text.ts';
import type { TextFeed, TextSink } from '../state/text-feed.ts';

export type TextHostProps = { feed: TextFeed; class: string; draw: (host: HTMLElement) => TextSink };

export function TextHost({ feed, class: kind, draw }: TextHostProps) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!host.current) return;
    return feed.attach(draw(host.current));
  }, [feed]);
  return <div ref={host} class={kind} dir="auto" />;
}

/** Markdown; `drawn` is told when all of it is there, and when it begins anew. */
export function richText(host: HTMLElement, drawn?: (isDrawn: boolean) => void): TextSink {
  let rich = begin();
  function begin() {
    const place = document.createElement('div');
    host.replaceChildren(place);
    const made = createRichText(place, () => {
      if (made === rich) drawn?.(true);
    });
    return made;
  }
  return {
    push: (piece) => rich.push(piece),
    end: () => rich.end(),
    reset: () => {
      const left = rich;
      rich = begin();
      left.set('');
      drawn?.(false);
    },
  };
}
