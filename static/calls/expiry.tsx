// Until when something may be decided, in words.
import { useSettings } from '../shell/settings-context.ts';
import { whenAgain } from '../shell/time.ts';
import type { Locale } from '../state/settings.ts';
import { useNow } from './use-now.ts';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

const steps = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `passed` is called when that time has come; `word` says what happens then. */
export function Expiry({ at, passed, word = 'expires' }: { at: string; passed: () => void; word?: Word }) {
  const say = useWords();
  const locale = useSettings().locale.value;
  const end = Date.parse(at);
  const left = end - useNow(end, passed).value;
  if (Number.isNaN(end)) return null;
  return (
    <p class="call-note">
      <time dateTime={at}>
        {left <= 0
          ? say('expiresNow')
          : say(word, { time: whenAgain(left / 1000, locale), left: inWords(left, locale) })}
      </time>
    </p>
  );
}

function inWords(ms: number, locale: Locale): string {
  const [unit, size] = steps.find(([, size]) => ms >= size) ?? (['second', 1000] as const);
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.max(1, Math.round(ms / size)),
  );
}
