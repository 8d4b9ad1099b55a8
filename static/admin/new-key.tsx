// Makes a key, and shows it the one time that it can be shown.
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import { Dialog } from '../shell/dialog.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import { createKey } from './calls.ts';
import { ExpiryField, expiryOf } from './expiry-field.tsx';
import { MadeKey } from './made-key.tsx';
import { type KeyRole, keyRoles } from './wire.ts';
import type { Word } from './words-en.ts';

const roleTexts: Record<KeyRole, Word> = {
  member: 'roleMember',
  viewer: 'roleViewer',
  admin: 'roleAdmin',
  service: 'roleService',
};

export type NewKeyDialogProps = { owners: string[]; onMade: () => Promise<void>; onClose: () => void };

export function NewKeyDialog({ owners, onMade, onClose }: NewKeyDialogProps) {
  const { say, settings, connection, tell } = useAdmin();
  const made = useSignal<{ key: string; owner: string } | null>(null);
  const isBusy = useSignal(false);
  const wrong = useSignal<Word | null>(null);
  const problem = useSignal<Problem | null>(null);

  if (made.value) return <MadeKey made={made.value} onClose={onClose} />;

  async function submit(form: HTMLFormElement): Promise<void> {
    const given = new FormData(form);
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const owner = text('owner');
    const expiresAt = expiryOf(given);
    const agents = text('agents')
      .split(/[,，、\s]+/)
      .filter((name) => name !== '');
    wrong.value = owner === '' ? 'ownerMissing' : expiresAt === undefined ? 'dayMissing' : null;
    if (owner === '' || expiresAt === undefined || isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    try {
      const key = await createKey({
        owner,
        name: text('name'),
        role: keyRoles.find((role) => role === text('role')) ?? 'member',
        expiresAt,
        agents: agents.length === 0 ? null : agents,
      });
      made.value = { key, owner };
      tell('keyMade', { owner });
      void onMade();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <Dialog title={say('newKeyTitle')} onClose={onClose}>
      <form
        class="form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        <label>
          {say('owner')}
          <input
            name="owner"
            list="known-owners"
            maxLength={200}
            autocomplete="off"
            dir="auto"
            aria-describedby="owner-hint"
            aria-invalid={wrong.value === 'ownerMissing'}
          />
        </label>
        <datalist id="known-owners">
          {owners.map((owner) => (
            <option key={owner} value={owner} />
          ))}
        </datalist>
        <p class="form-hint" id="owner-hint">
          {say('ownerHint')}
        </p>
        <label>
          {say('keyName')}
          <input name="name" maxLength={100} autocomplete="off" dir="auto" aria-describedby="name-hint" />
        </label>
        <p class="form-hint" id="name-hint">
          {say('nameHint')}
        </p>
        <label>
          {say('role')}
          <select name="role">
            {keyRoles.map((role) => (
              <option key={role} value={role}>
                {say(roleTexts[role])}
              </option>
            ))}
          </select>
        </label>
        <ExpiryField />
        <label>
          {say('agents')}
          <input name="agents" autocomplete="off" dir="auto" aria-describedby="agents-hint" />
        </label>
        <p class="form-hint" id="agents-hint">
          {say('agentsHint')}
        </p>
        {wrong.value && (
          <p class="form-error" role="alert">
            {say(wrong.value)}
          </p>
        )}
        {problem.value && (
          <p class="form-error" role="alert" dir="auto">
            {problemText(problem.value, settings.t, settings.locale.value)}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="button" class="button plain" onClick={onClose}>
            {say('cancel')}
          </button>
          <button type="submit" class="button" disabled={isBusy.value}>
            {say(isBusy.value ? 'making' : 'make')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
