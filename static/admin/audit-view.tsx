// The audit: who did what, when and from where, newest first.
import { useSignal } from '@preact/signals';
import { useAdmin } from './admin-context.ts';
import { listAudit } from './calls.ts';
import { Listing } from './listing.tsx';
import { Moment } from './moment.tsx';
import { SearchField } from './search-field.tsx';
import { Table } from './table.tsx';
import { useLoadedList } from './use-loaded.ts';

/** What is written down, as the server names it. */
const actions = [
  'sign_in.granted',
  'sign_in.refused',
  'sign_in.ended',
  'access.refused',
  'key.created',
  'key.revoked',
  'limits.set',
  'session.deleted',
];

export function AuditView() {
  const { say } = useAdmin();
  const owner = useSignal('');
  const action = useSignal('');
  const filter = { owner: owner.value, action: action.value };
  const entries = useLoadedList(JSON.stringify(filter), (next) => listAudit(filter, next));
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <div>
          <h1 id="view-title">{say('audit')}</h1>
          <p class="soft">{say('auditText')}</p>
        </div>
      </header>
      <div class="filters">
        <SearchField
          label={say('filterOwner')}
          onSearch={(text) => {
            owner.value = text;
          }}
        />
        <label class="field-of">
          {say('filterAction')}
          <select
            id="action"
            value={action.value}
            onChange={({ currentTarget }) => {
              action.value = currentTarget.value;
            }}
          >
            <option value="">{say('anyAction')}</option>
            {actions.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Listing of={entries} empty={entries.value?.length === 0 ? say('noAudit') : null}>
        <Table
          label={say('audit')}
          columns={[
            { name: say('time') },
            { name: say('action'), kind: 'main' },
            { name: say('actor') },
            { name: say('target') },
            { name: say('where') },
          ]}
          rows={(entries.value ?? []).map((entry) => ({
            id: entry.id,
            cells: [
              <Moment key="at" at={entry.at} exact />,
              <code key="action">{entry.action}</code>,
              <span key="actor">
                <bdi>{entry.actor || '–'}</bdi> {entry.way !== '' && <span class="soft">{entry.way}</span>}
              </span>,
              <span key="target" class="long">
                <bdi>{entry.target}</bdi> {entry.details !== '' && <span class="soft">{entry.details}</span>}
              </span>,
              <span
                key="where"
                class="long"
                title={entry.requestId && say('requestId', { id: entry.requestId })}
              >
                {entry.address || '–'}
              </span>,
            ],
          }))}
        />
      </Listing>
    </section>
  );
}
