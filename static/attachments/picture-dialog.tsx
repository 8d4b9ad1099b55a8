// A picture large: as the whole of it fits, or larger, with the others of its message beside it.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { filePath } from '../api/files.ts';
import type { FileRef } from '../api/wire.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon, type IconName } from '../shell/icon.tsx';
import { useModal } from '../shell/use-modal.ts';
import { useWords, type Word } from './words.ts';

export type PictureDialogProps = { pictures: readonly FileRef[]; first: number; onClose: () => void };

const zooms = { least: 1, most: 8, step: 1.5 };

export function PictureDialog({ pictures, first, onClose }: PictureDialogProps) {
  const { announcer } = useApp();
  const say = useWords();
  const dialog = useModal();
  const frame = useRef<HTMLDivElement>(null);
  const at = useSignal(first);
  const zoom = useSignal(zooms.least);
  const hasFailed = useSignal(false);
  const file = pictures[at.value];

  useEffect(() => frame.current?.focus(), []);
  if (!file) return null;

  function go(by: number): void {
    const to = at.value + by;
    const other = pictures[to];
    if (!other) return;
    at.value = to;
    zoom.value = zooms.least;
    hasFailed.value = false;
    announcer.say(`${other.name} ${say('whichPicture', { n: to + 1, count: pictures.length })}`);
  }

  /** What is in the middle stays there. */
  function zoomTo(next: number): void {
    const box = frame.current;
    const before = zoom.value;
    zoom.value = Math.min(zooms.most, Math.max(zooms.least, next));
    if (!box) return;
    const middle = (start: number, length: number) =>
      (start + length / 2) * (zoom.value / before) - length / 2;
    const [left, top] = [middle(box.scrollLeft, box.clientWidth), middle(box.scrollTop, box.clientHeight)];
    requestAnimationFrame(() => box.scrollTo(left, top));
  }

  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isWhole = zoom.value === zooms.least;
    const does: Record<string, () => void> = {
      '+': () => zoomTo(zoom.value * zooms.step),
      '=': () => zoomTo(zoom.value * zooms.step),
      '-': () => zoomTo(zoom.value / zooms.step),
      '0': () => zoomTo(zooms.least),
      // What is larger than its frame is scrolled by them.
      ...(isWhole ? { ArrowLeft: () => go(-1), ArrowRight: () => go(1) } : {}),
      PageUp: () => go(-1),
      PageDown: () => go(1),
    };
    const act = does[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  const button = (icon: IconName | 'minus', word: Word, run: () => void, disabled = false) => (
    <button
      type="button"
      class="icon"
      aria-label={say(word)}
      title={say(word)}
      disabled={disabled}
      onClick={run}
    >
      {icon === 'minus' ? <Minus /> : <Icon name={icon} />}
    </button>
  );

  return (
    <dialog
      ref={dialog}
      class="picture-dialog"
      aria-label={file.name}
      onClose={() => dialog.current && onClose()}
      onKeyDown={pressed}
    >
      <header>
        <p class="file-name" dir="auto">
          {file.name}
        </p>
        {pictures.length > 1 && (
          <>
            {button('chevron', 'previous', () => go(-1), at.value === 0)}
            <span class="which-picture">
              <span aria-hidden="true">
                {at.value + 1}/{pictures.length}
              </span>
              <span class="unseen">{say('whichPicture', { n: at.value + 1, count: pictures.length })}</span>
            </span>
            {button('chevron', 'next', () => go(1), at.value === pictures.length - 1)}
          </>
        )}
        {button('minus', 'smaller', () => zoomTo(zoom.value / zooms.step), zoom.value === zooms.least)}
        {button('plus', 'larger', () => zoomTo(zoom.value * zooms.step), zoom.value === zooms.most)}
        <a
          class="icon"
          href={filePath(file.id)}
          download={file.name}
          aria-label={say('downloadNamed', { name: file.name })}
          title={say('download')}
        >
          <Icon name="download" />
        </a>
        {button('close', 'close', onClose)}
      </header>
      <section
        ref={frame}
        class="picture-frame"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
        tabIndex={0}
        aria-label={file.name}
        onDblClick={() => zoomTo(zoom.value === zooms.least ? 2.25 : zooms.least)}
      >
        {hasFailed.value ? (
          <p class="trouble">{say('notThere', { name: file.name })}</p>
        ) : (
          <img
            key={file.id}
            src={filePath(file.id)}
            alt={file.name}
            style={{ width: `${zoom.value * 100}%`, height: `${zoom.value * 100}%` }}
            onError={() => {
              hasFailed.value = true;
            }}
          />
        )}
      </section>
    </dialog>
  );
}

function Minus() {
  return (
    <svg class="glyph" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M5 12h14" />
    </svg>
  );
}
