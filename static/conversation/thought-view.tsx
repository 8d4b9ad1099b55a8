// The thought above a reply: open while it streams, folded when the answer starts, and left alone once the reader has
// touched it.
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import { duration } from '../shell/time.ts';
import type { Reply } from '../state/reply.ts';
import { richText, TextHost } from './text-host.tsx';

export function ThoughtView({ reply }: { reply: Reply }) {
  const { t, locale } = useApp().settings;
  const details = useRef<HTMLDetailsElement>(null);
  const touched = useRef(false);
  const isThinking = reply.phase.value === 'thinking';
  useEffect(() => {
    if (details.current && !touched.current) details.current.open = isThinking;
  }, [isThinking]);
  const ms = reply.thoughtMs.value;
  const told = ms === null ? t('thought') : t('thoughtFor', { time: duration(ms, locale.value) });
  return (
    <details ref={details} class="thought">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button by itself */}
      <summary
        onClick={() => {
          touched.current = true;
        }}
      >
        <Icon name="chevron" />
        {isThinking ? t('thinking') : told}
      </summary>
      <TextHost feed={reply.thought} class="thought-text" draw={(host) => richText(host)} />
    </details>
  );
}
