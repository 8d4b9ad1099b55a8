// Makes a key, and shows it the one time that it can be shown.
import { useSignal } from '@preact/signals';
import { Dialog } from '../shell/dialog.tsx';
import { useAdmin } from './admin-context.ts';
import { AgentsField, agentsOf } from './agents-field.tsx';
import { createKey } from './calls.ts';
import { DialogForm } from './dialog-form.tsx';
import { ExpiryField, expiryOf } from './expiry-field.tsx';
import { MadeKey } from './made-key.tsx';
import { useSaving } from './use-saving.ts';
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
  const { say, tell } = useAdmin();
  const made = useSignal<{ key: string; owner: string } | null>(null);
  const wrong = useSignal<Word | null>(null);
  const saving = useSaving();

  if (made.value) return <MadeKey made={made.value} onClose={onClose} />;

  function submit(given: FormData): void {
    const text = (name: string) => String(given.get(name) ?? '').trim();
    const owner = text('owner');
    const expiresAt = expiryOf(given);
    wrong.value = owner === '' ? 'ownerMissing' : expiresAt === undefined ? 'dayMissing' : null;
    if (owner === '' || expiresAt === undefined) return;
    void saving.run(async () => {
      const key = await createKey({
        owner,
        name: text('name'),
        role: keyRoles.find((role) => role === text('role')) ?? 'member',
        expiresAt,
        agents: agentsOf(given),
      });
      made.value = { key, owner };
      tell('keyMade', { owner });
      void onMade();
    });
  }

  return (
    <Dialog title={say('newKeyTitle')} onClose={onClose}>
      <DialogForm
        class="form"
        saving={saving}
        wrong={wrong.value && say(wrong.value)}
        failed={null}
        submit="make"
        submitting="making"
        onSubmit={submit}
        onClose={onClose}
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
        <AgentsField />
      </DialogForm>
    </Dialog>
  );
}
