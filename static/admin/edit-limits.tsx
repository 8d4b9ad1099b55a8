// The limits of an owner, or of everybody who has none of their own.
import { useSignal } from '@preact/signals';
import { type LimitName, limitNames } from '../api/access.ts';
import { Dialog } from '../shell/dialog.tsx';
import { useAdmin } from './admin-context.ts';
import { getLimits, setLimits } from './calls.ts';
import { DialogForm } from './dialog-form.tsx';
import { Listing } from './listing.tsx';
import { useLoaded } from './use-loaded.ts';
import { useSaving } from './use-saving.ts';
import type { Limits } from './wire.ts';

export function EditLimits({ owner, onClose }: { owner: string; onClose: () => void }) {
  const { say } = useAdmin();
  const limits = useLoaded(owner, () => getLimits(owner));
  const isDefault = owner === '*';
  return (
    <Dialog title={isDefault ? say('defaultLimits') : say('editLimitsOf', { owner })} onClose={onClose}>
      <p class="soft">
        {isDefault && `${say('defaultLimitsText')} `}
        {say('limitsText')}
      </p>
      <Listing of={limits} empty={null}>
        {limits.value && <LimitsForm owner={owner} limits={limits.value} onClose={onClose} />}
      </Listing>
    </Dialog>
  );
}

type LimitsFormProps = { owner: string; limits: Limits; onClose: () => void };

function LimitsForm({ owner, limits, onClose }: LimitsFormProps) {
  const { say, tell } = useAdmin();
  const wrong = useSignal<LimitName | null>(null);
  const saving = useSaving();

  function save(given: FormData): void {
    const values = limitNames.map((name) => [name, limitOf(given.get(name), name)] as const);
    wrong.value = values.find(([, value]) => value === undefined)?.[0] ?? null;
    if (wrong.value !== null) return;
    void saving.run(async () => {
      const next = { ...limits };
      for (const [name, value] of values) next[name] = value ?? null;
      await setLimits(owner, next);
      if (owner === '*') tell('defaultLimitsSaved');
      else tell('limitsSaved', { owner });
      onClose();
    });
  }

  return (
    <DialogForm
      class="form limits"
      saving={saving}
      wrong={wrong.value && `${say(wrong.value)}: ${say('wrongNumber')}`}
      failed="notSaved"
      submit="save"
      submitting="saving"
      onSubmit={save}
      onClose={onClose}
    >
      {limitNames.map((name) => (
        <label key={name}>
          {say(name)}
          <input
            name={name}
            inputMode="decimal"
            autocomplete="off"
            placeholder={say('noLimits')}
            defaultValue={limits[name] === null ? '' : String(limits[name])}
            aria-invalid={wrong.value === name}
          />
        </label>
      ))}
    </DialogForm>
  );
}

/** Null for none; undefined for what is no limit. Only money has parts. */
function limitOf(given: unknown, name: LimitName): number | null | undefined {
  const text = String(given ?? '').replace(/[\s,_]/g, '');
  if (text === '') return null;
  const pattern = name === 'cost_per_month' ? /^\d+(\.\d+)?$/ : /^\d+$/;
  return pattern.test(text) ? Number(text) : undefined;
}
