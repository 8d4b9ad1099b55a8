// The keys: which there are, making one, revoking one.
import { useSignal } from '@preact/signals';
import { focusIfLost } from '../shell/focus.ts';
import { Icon } from '../shell/icon.tsx';
import { useAdmin } from './admin-context.ts';
import { listKeys } from './calls.ts';
import { EditLimits } from './edit-limits.tsx';
import { Listing } from './listing.tsx';
import { Moment } from './moment.tsx';
import { NewKeyDialog } from './new-key.tsx';
import { RevokeDialog } from './revoke-key.tsx';
import { SearchField } from './search-field.tsx';
import { Table } from './table.tsx';
import { useLoaded } from './use-loaded.ts';
import type { Key } from './wire.ts';

export function KeysView() {
  const { say } = useAdmin();
  const keys = useLoaded('keys', listKeys);
  const search = useSignal('');
  const showsEnded = useSignal(false);
  const isMaking = useSignal(false);
  const limiting = useSignal<Key | null>(null);
  const revoking = useSignal<Key | null>(null);
  // The newest first: the one that was just made is what is looked for.
  const all = [...(keys.value ?? [])].reverse();
  const shown = all
    .filter((key) => showsEnded.value || stateOf(key) === 'good')
    .filter((key) => contains(key, search.value));
  const empty = all.length === 0 ? say('noKeys') : shown.length === 0 ? say('noKeysFound') : null;
  const end = () => {
    isMaking.value = false;
    limiting.value = null;
    revoking.value = null;
    focusIfLost('#new-key');
  };
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <div>
          <h1 id="view-title">{say('keys')}</h1>
          <p class="soft">{say('keysText')}</p>
        </div>
        <button
          type="button"
          class="button"
          id="new-key"
          onClick={() => {
            isMaking.value = true;
          }}
        >
          <Icon name="plus" />
          {say('newKey')}
        </button>
      </header>
      <div class="filters">
        <SearchField
          label={say('searchKeys')}
          onSearch={(text) => {
            search.value = text;
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={showsEnded.value}
            onChange={({ currentTarget }) => {
              showsEnded.value = currentTarget.checked;
            }}
          />
          {say('showEnded')}
        </label>
      </div>
      <Listing of={keys} empty={empty}>
        <Table
          label={say('keys')}
          columns={[
            { name: say('owner'), kind: 'main' },
            { name: say('keyName') },
            { name: say('key') },
            { name: say('role') },
            { name: say('agents') },
            { name: say('created') },
            { name: say('expires') },
            { name: say('lastUsed') },
            { name: say('actions'), kind: 'actions' },
          ]}
          rows={shown.map((key) => ({
            id: key.id,
            isPast: stateOf(key) !== 'good',
            cells: [
              <bdi key="owner">{key.owner}</bdi>,
              <bdi key="name">{key.name}</bdi>,
              <code key="hint">{key.hint}…</code>,
              <span key="role" class={`badge ${key.role}`}>
                {say(key.role)}
              </span>,
              key.agents === null ? say('all') : key.agents.join(', '),
              <Moment key="created" at={key.createdAt} />,
              key.expiresAt === null ? say('never') : <Moment key="expires" at={key.expiresAt} />,
              key.lastUsedAt === null ? say('neverUsed') : <Moment key="used" at={key.lastUsedAt} />,
              stateOf(key) === 'good' ? (
                <span key="ways" class="row-ways">
                  <button
                    type="button"
                    class="button plain small"
                    aria-label={say('editLimitsOfKey', { hint: key.hint, owner: key.owner })}
                    onClick={() => {
                      limiting.value = key;
                    }}
                  >
                    {say('editLimits')}
                  </button>
                  <button
                    type="button"
                    class="button plain small"
                    aria-label={say('revokeOf', { hint: key.hint, owner: key.owner })}
                    onClick={() => {
                      revoking.value = key;
                    }}
                  >
                    {say('revoke')}
                  </button>
                </span>
              ) : (
                <span key="state" class="badge ended">
                  {say(stateOf(key))}
                </span>
              ),
            ],
          }))}
        />
      </Listing>
      {isMaking.value && (
        <NewKeyDialog
          owners={[...new Set(all.map(({ owner }) => owner))]}
          onMade={keys.reload}
          onClose={end}
        />
      )}
      {limiting.value && (
        <EditLimits of={{ owner: limiting.value.owner, key: limiting.value }} onClose={end} />
      )}
      {revoking.value && <RevokeDialog of={revoking.value} onRevoked={keys.reload} onClose={end} />}
    </section>
  );
}

function stateOf({ revokedAt, expiresAt }: Key): 'good' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now() ? 'expired' : 'good';
}

const contains = ({ owner, name, hint, role, agents }: Key, text: string): boolean =>
  [owner, name, hint, role, ...(agents ?? [])].some((one) => one.toLowerCase().includes(text.toLowerCase()));
