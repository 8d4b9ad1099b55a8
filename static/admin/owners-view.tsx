// The owners: what each used this month, and their limits.
import { useSignal } from '@preact/signals';
import { focusIfLost } from '../shell/focus.ts';
import { money, number, shortNumber } from '../usage/numbers.ts';
import { useAdmin } from './admin-context.ts';
import { getUsage, type LimitsOf, listOwners } from './calls.ts';
import { EditLimits } from './edit-limits.tsx';
import { Listing } from './listing.tsx';
import { Moment } from './moment.tsx';
import { periodOf } from './period.ts';
import { SearchField } from './search-field.tsx';
import { Table } from './table.tsx';
import { useLoaded, useLoadedList } from './use-loaded.ts';

export function OwnersView() {
  const { say, settings } = useAdmin();
  const locale = settings.locale.value;
  const search = useSignal('');
  const editing = useSignal<LimitsOf | null>(null);
  const owners = useLoadedList(search.value, (next) => listOwners(search.value, next));
  const used = useLoaded('month', () => getUsage('owner', periodOf('thisMonth')));
  const byOwner = new Map((used.value ?? []).map((row) => [row.name, row]));
  const edit = (owner: string) => () => {
    editing.value = { owner, key: null };
  };
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <div>
          <h1 id="view-title">{say('owners')}</h1>
          <p class="soft">{say('ownersText')}</p>
        </div>
        <button type="button" class="button plain" id="default-limits" onClick={edit('*')}>
          {say('defaultLimits')}
        </button>
      </header>
      <div class="filters">
        <SearchField
          label={say('searchOwners')}
          onSearch={(text) => {
            search.value = text;
          }}
        />
      </div>
      <Listing of={owners} empty={owners.value?.length === 0 ? say('noOwners') : null}>
        <Table
          label={say('owners')}
          columns={[
            { name: say('owner'), kind: 'main' },
            { name: say('created') },
            { name: say('sessions'), kind: 'number' },
            { name: say('monthTurns'), kind: 'number' },
            { name: say('monthTokens'), kind: 'number' },
            { name: say('monthCost'), kind: 'number' },
            { name: say('actions'), kind: 'actions' },
          ]}
          rows={(owners.value ?? []).map(({ name, createdAt, sessions }) => {
            const usage = byOwner.get(name);
            const tokens = (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0);
            return {
              id: name,
              cells: [
                <bdi key="name">{name}</bdi>,
                <Moment key="created" at={createdAt} />,
                number(sessions, locale),
                used.value ? number(usage?.turns ?? 0, locale) : '–',
                used.value ? shortNumber(tokens, locale) : '–',
                used.value ? money(usage?.cost ?? 0, locale) : '–',
                <button
                  key="edit"
                  type="button"
                  class="button plain small"
                  aria-label={say('editLimitsOf', { owner: name })}
                  onClick={edit(name)}
                >
                  {say('editLimits')}
                </button>,
              ],
            };
          })}
        />
      </Listing>
      {editing.value !== null && (
        <EditLimits
          of={editing.value}
          onClose={() => {
            editing.value = null;
            focusIfLost('#default-limits');
          }}
        />
      )}
    </section>
  );
}
