// What a tool was given or gave. It is plain text: nothing in it is drawn, and of what is long only its beginning, until
// the rest is asked for.
import { useSignal } from '@preact/signals';
import { useSettings } from '../shell/settings-context.ts';
import { useWords } from './words.ts';

const most = 4000;

export function CallText({ label, text }: { label: string; text: string }) {
  const say = useWords();
  const locale = useSettings().locale.value;
  const isWhole = useSignal(false);
  const isCut = text.length > most && !isWhole.value;
  const count = (value: number) => new Intl.NumberFormat(locale).format(value);
  return (
    <div class="call-part">
      <span class="call-label">{label}</span>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
      <section class="call-text" aria-label={label} tabIndex={0} dir="auto">
        {isCut ? beginning(text) : text}
      </section>
      {isCut && (
        <p class="call-note">
          {say('cut', { shown: count(most), count: count(text.length) })}{' '}
          <button
            type="button"
            class="quiet"
            onClick={() => {
              isWhole.value = true;
            }}
          >
            {say('showAll', { count: count(text.length) })}
          </button>
        </p>
      )}
    </div>
  );
}

/** Not in the middle of a letter of two halves. */
const beginning = (text: string): string => text.slice(0, most).replace(/[\ud800-\udbff]$/, '');
