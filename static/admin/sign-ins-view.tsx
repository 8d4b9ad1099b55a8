// Who is signed in on the page: by which way, as what, until when; and ending that.
import { useSignal } from '@preact/signals';
import { focusIfLost } from '../shell/focus.ts';
import { shortTime } from '../shell/time.ts';
import { useAdmin } from './admin-context.ts';
import { listKeys, listSignIns } from './calls.ts';
import { EndSignInDialog } from './end-sign-in.tsx';
import { Listing } from './listing.tsx';
import { Moment } from './moment.tsx';
import { OwnerField } from './owner-field.tsx';
import { Table } from './table.tsx';
import { useLoaded, useLoadedList } from './use-loaded.ts';
import type { Key, SignIn } from './wire.ts';

export function SignInsView() {
  const { say, settings } = useAdmin();
  const owner = useSignal('');
  const ending = useSignal<SignIn | null>(null);
  const signIns = useLoadedList(owner.value, (next) => listSignIns(owner.value, next));
  const keys = useLoaded('keys', listKeys);
  const keyOf = new Map((keys.value ?? []).map((key) => [key.id, key]));
  const none = owner.value === '' ? say('noSignIns') : say('noSignInsOf', { owner: owner.value });
  return (
    <section aria-labelledby="view-title">
      <header class="view-head">
        <div>
          <h1 id="view-title" tabIndex={-1}>
            {say('sign-ins')}
          </h1>
          <p class="soft">{say('signInsText')}</p>
        </div>
      </header>
      <div class="filters">
        <OwnerField
          label={say('filterOwner')}
          onSearch={(text) => {
            owner.value = text;
          }}
        />
      </div>
      <Listing of={signIns} empty={signIns.value?.length === 0 ? none : null}>
        <Table
          label={say('sign-ins')}
          columns={[
            { name: say('owner'), kind: 'main' },
            { name: say('signInWay') },
            { name: say('role') },
            { name: say('since') },
            { name: say('until') },
            { name: say('actions'), kind: 'actions' },
          ]}
          rows={(signIns.value ?? []).map((signIn) => ({
            id: signIn.id,
            cells: [
              <bdi key="owner">{signIn.owner}</bdi>,
              <By key="way" signIn={signIn} of={keyOf.get(signIn.keyId ?? '')} />,
              <span key="role" class={`badge ${signIn.role}`}>
                {say(signIn.role)}
              </span>,
              <Moment key="since" at={signIn.createdAt} exact />,
              <Moment key="until" at={signIn.expiresAt} />,
              signIn.isCurrent ? (
                <span key="this" class="badge">
                  {say('thisSignIn')}
                </span>
              ) : (
                <button
                  key="end"
                  type="button"
                  class="button plain small"
                  aria-label={say('endOf', {
                    owner: signIn.owner,
                    since: shortTime(signIn.createdAt, settings.locale.value, true),
                  })}
                  onClick={() => {
                    ending.value = signIn;
                  }}
                >
                  {say('end')}
                </button>
              ),
            ],
          }))}
        />
      </Listing>
      {ending.value && (
        <EndSignInDialog
          of={ending.value}
          onEnded={signIns.reload}
          onClose={() => {
            ending.value = null;
            focusIfLost('#view-title');
          }}
        />
      )}
    </section>
  );
}

/** The way that somebody came, and by which key. */
function By({ signIn: { way }, of }: { signIn: SignIn; of: Key | undefined }) {
  const { say } = useAdmin();
  return (
    <span>
      {way === 'keys' ? say('byKey') : way === 'oidc' ? say('byProvider') : way}
      {of && (
        <>
          {' '}
          <code>{of.hint}…</code> <bdi class="soft">{of.name}</bdi>
        </>
      )}
    </span>
  );
}
