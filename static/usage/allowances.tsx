// What is left of each limit, in words and as a bar, and what was used where nothing is limited.
import type { Account, Allowance, LimitName } from '../api/access.ts';
import { addStyle } from '../shell/add-style.ts';
import { useSettings } from '../shell/settings-context.ts';
import { whenAgain } from '../shell/time.ts';
import css from '../style/progress.css' with { type: 'text' };
import { money, number } from './numbers.ts';
import { secondsUntilNew } from './renewal.ts';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

addStyle(css);

const names: Record<LimitName, Word> = {
  requests_per_minute: 'limitRequests',
  running_turns: 'limitRunning',
  turns_per_day: 'limitTurns',
  tokens_per_day: 'limitTokens',
  cost_per_month: 'limitCost',
};

export function Allowances({ account }: { account: Account }) {
  const { locale } = useSettings();
  const say = useWords();
  const { limits, keyLimits, today, month } = account;
  const told = (value: number) => number(value, locale.value);
  return (
    <div class="allowances">
      {limits.map((one) => (
        <AllowanceBar key={one.name} allowance={one} />
      ))}
      {keyLimits.length > 0 && <p class="soft">{say('limitsOfKey')}</p>}
      {keyLimits.map((one) => (
        <AllowanceBar key={one.name} allowance={one} />
      ))}
      {today && (
        <p class="soft">{say('usedToday', { turns: told(today.turns), tokens: told(today.tokens) })}</p>
      )}
      {month && month.cost > 0 && (
        <p class="soft">{say('usedMonth', { cost: money(month.cost, locale.value) })}</p>
      )}
    </div>
  );
}

export function AllowanceBar({ allowance: { name, most, used, held } }: { allowance: Allowance }) {
  const { t, locale } = useSettings();
  const say = useWords();
  const told = (value: number) => (name === 'cost_per_month' ? money : number)(value, locale.value);
  const left = Math.max(0, most - used);
  const isLow = left <= most * 0.1;
  // What turns hold comes back as they end.
  const isHeld = left === 0 && used - held < most;
  const waits = left > 0 || isHeld ? null : secondsUntilNew(name);
  return (
    <div class={isLow ? 'allowance low' : 'allowance'}>
      <p>
        <span>{say(names[name])}</span>
        <span class="soft">{say('leftOf', { left: told(left), most: told(most) })}</span>
      </p>
      <progress aria-label={say(names[name])} max={Math.max(most, 1e-9)} value={Math.min(used, most)} />
      {isHeld && <p>{say('heldForTurns')}</p>}
      {waits !== null && <p>{t('retryAt', { time: whenAgain(waits, locale.value) })}</p>}
    </div>
  );
}
