// How far a call has come, where its tool tells it.
import type { Progress } from '../api/calls-wire.ts';
import { addStyle } from '../shell/add-style.ts';
import { useSettings } from '../shell/settings-context.ts';
import css from '../style/progress.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

export function CallProgress({ progress: { done, total, message } }: { progress: Progress }) {
  const say = useWords();
  const locale = useSettings().locale.value;
  const number = (value: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value);
  const far =
    total === null
      ? number(done)
      : new Intl.NumberFormat(locale, { style: 'percent' }).format(Math.min(1, done / total));
  return (
    <div class="call-progress">
      <progress
        aria-label={say('running')}
        {...(total === null ? {} : { max: total, value: Math.min(done, total) })}
      />
      <span>{far}</span>
      <span class="call-hint" dir="auto">
        {message}
      </span>
    </div>
  );
}
