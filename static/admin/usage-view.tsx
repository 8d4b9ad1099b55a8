// What was used: by day as bars, and by model, agent or owner.
import { useSignal } from '@preact/signals';
import { money, number } from '../usage/numbers.ts';
import { useAdmin } from './admin-context.ts';
import { getUsage, type Period, type UsageBy } from './calls.ts';
import { Choice } from './choice.tsx';
import { DayChart } from './day-chart.tsx';
import { Listing } from './listing.tsx';
import { type Measure, measures, sum, unused } from './measure.ts';
import { OwnerField } from './owner-field.tsx';
import { daysOf, type PeriodName, periodOf, periods } from './period.ts';
import { UsageTable } from './usage-table.tsx';
import { useLoaded } from './use-loaded.ts';
import type { UsageRow } from './wire.ts';

const bys = ['day', 'model', 'agent', 'owner'] as const;
const byWords = { day: 'byDay', model: 'byModel', agent: 'byAgent', owner: 'byOwner' } as const;

export function UsageView() {
  const { say } = useAdmin();
  const name = useSignal<PeriodName>('last30');
  const own = useSignal<Period>(periodOf('last30'));
  const owner = useSignal('');
  const measure = useSignal<Measure>('tokens');
  const by = useSignal<UsageBy>('day');
  const period = name.value === 'ownDays' ? own.value : periodOf(name.value);
  const question = `${period.from} ${period.to} ${owner.value}`;
  const days = useLoaded(question, () => getUsage('day', period, owner.value));
  const rows = useLoaded(`${question} ${by.value}`, () => getUsage(by.value, period, owner.value));
  const byDay = new Map((days.value ?? []).map((row) => [row.name, row]));
  const none = owner.value === '' ? say('noUsage') : say('noUsageOf', { owner: owner.value });
  const all = daysOf(period).map((day) => byDay.get(day) ?? unused(day));
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <h1 id="view-title">{say('usage')}</h1>
      </header>
      <div class="filters">
        <label class="field-of">
          {say('period')}
          <select
            id="period"
            value={name.value}
            onChange={({ currentTarget }) => {
              own.value = period;
              name.value = periods.find((one) => one === currentTarget.value) ?? 'last30';
            }}
          >
            {periods.map((one) => (
              <option key={one} value={one}>
                {say(one)}
              </option>
            ))}
          </select>
        </label>
        {name.value === 'ownDays' &&
          (['from', 'to'] as const).map((end) => (
            <label key={end} class="field-of">
              {say(end)}
              <input
                type="date"
                value={own.value[end]}
                onChange={({ currentTarget: { value } }) => {
                  if (value !== '') own.value = { ...own.value, [end]: value };
                }}
              />
            </label>
          ))}
        <OwnerField
          label={say('ofOwner')}
          onSearch={(text) => {
            owner.value = text;
          }}
        />
      </div>
      <Listing of={days} empty={days.value?.length === 0 ? none : null}>
        <Totals rows={days.value ?? []} days={all.length} />
        <div class="panel">
          <Choice
            label={say('measure')}
            value={measure.value}
            of={measures}
            word={(one) => one}
            onChoose={(one) => {
              measure.value = one;
            }}
          />
          <DayChart rows={all} measure={measure.value} />
        </div>
        <div class="panel">
          <Choice
            label={say('usage')}
            value={by.value}
            of={bys}
            word={(one) => byWords[one]}
            onChoose={(one) => {
              by.value = one;
            }}
          />
          <Listing of={rows} empty={null}>
            <UsageTable rows={rows.value ?? []} by={by.value} measure={measure.value} />
          </Listing>
        </div>
      </Listing>
    </section>
  );
}

function Totals({ rows, days }: { rows: readonly UsageRow[]; days: number }) {
  const { say, settings } = useAdmin();
  const locale = settings.locale.value;
  const total = sum(rows);
  const tokens = total.promptTokens + total.completionTokens;
  const tiles = [
    {
      word: 'turns',
      value: number(total.turns, locale),
      mean: number(Math.round(total.turns / days), locale),
    },
    { word: 'tokens', value: number(tokens, locale), mean: number(Math.round(tokens / days), locale) },
    { word: 'cost', value: money(total.cost, locale), mean: money(total.cost / days, locale) },
  ] as const;
  return (
    <dl class="tiles">
      {tiles.map(({ word, value, mean }) => (
        <div key={word}>
          <dt>{say(word)}</dt>
          <dd>
            {value}
            <span class="soft">
              {say('average')}: {mean}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
