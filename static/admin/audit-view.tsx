// The audit: who did what, when and from where, newest first.
import { useSignal } from '@preact/signals';
import { useAdmin } from './admin-context.ts';
import { listAudit } from './calls.ts';
import { Listing } from './listing.tsx';
import { Moment } from './moment.tsx';
import { OwnerField } from './owner-field.tsx';
import { Table } from './table.tsx';
import { useLoadedList } from './use-loaded.ts';
import type { Word } from './words-en.ts';

/** What is written down, as the server names it, in words. A later server has more. */
const actions = new Map<string, Word>([
  ['sign_in.granted', 'signInGranted'],
  ['sign_in.refused', 'signInRefused'],
  ['sign_in.ended', 'signInEnded'],
  ['access.refused', 'accessRefused'],
  ['key.created', 'keyCreated'],
  ['key.revoked', 'keyRevoked'],
  ['limits.set', 'limitsSet'],
  ['limits.removed', 'limitsRemoved'],
  ['session.deleted', 'sessionDeleted'],
]);

export function AuditView() {
  const { say } = useAdmin();
  const owner = useSignal('');
  const action = useSignal('');
  const inWords = (name: string) => {
    const word = actions.get(name);
    return word && say(word);
  };
  const filter = { owner: owner.value, action: action.value };
  const entries = useLoadedList(JSON.stringify(filter), (next) => listAudit(filter, next));
  const none = owner.value === '' ? say('noAudit') : say('noAuditOf', { owner: owner.value });
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <div>
          <h1 id="view-title">{say('audit')}</h1>
          <p class="soft">{say('auditText')}</p>
        </div>
      </header>
      <div class="filters">
        <OwnerField
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
            {[...actions.keys()].map((one) => (
              <option key={one} value={one}>
                {inWords(one)}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Listing of={entries} empty={entries.value?.length === 0 ? none : null}>
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
              <span key="action" class="with-code">
                {inWords(entry.action)} <code>{entry.action}</code>
              </span>,
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
