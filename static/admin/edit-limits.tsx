// The limits of an owner, of a key, or of everybody who has none of their own.
import { useSignal } from '@preact/signals';
import { type LimitName, limitNames } from '../api/access.ts';
import { Dialog } from '../shell/dialog.tsx';
import { useAdmin } from './admin-context.ts';
import { AgentsField, agentsOf } from './agents-field.tsx';
import { getLimits, type LimitsOf, setLimits } from './calls.ts';
import { DialogForm } from './dialog-form.tsx';
import { Listing } from './listing.tsx';
import { useLoaded } from './use-loaded.ts';
import { useSaving } from './use-saving.ts';
import type { Limits } from './wire.ts';

export function EditLimits({ of, onClose }: { of: LimitsOf; onClose: () => void }) {
  const { say } = useAdmin();
  const { owner, key } = of;
  const limits = useLoaded(key?.id ?? owner, () => getLimits(of));
  const isDefault = owner === '*';
  const title = key
    ? say('editLimitsOfKey', { hint: key.hint, owner })
    : isDefault
      ? say('defaultLimits')
      : say('editLimitsOf', { owner });
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="soft" dir="auto">
        {isDefault && `${say('defaultLimitsText')} `}
        {say(key ? 'keyLimitsText' : 'limitsText')}
        {key?.agents && ` ${say('keyAgentsText', { agents: key.agents.join(', ') })}`}
      </p>
      <Listing of={limits} empty={null}>
        {limits.value && <LimitsForm of={of} limits={limits.value} onClose={onClose} />}
      </Listing>
    </Dialog>
  );
}

type LimitsFormProps = { of: LimitsOf; limits: Limits; onClose: () => void };

function LimitsForm({ of, limits, onClose }: LimitsFormProps) {
  const { say, tell } = useAdmin();
  const wrong = useSignal<LimitName | null>(null);
  const saving = useSaving();

  function save(given: FormData): void {
    const values = limitNames.map((name) => [name, limitOf(given.get(name), name)] as const);
    wrong.value = values.find(([, value]) => value === undefined)?.[0] ?? null;
    if (wrong.value !== null) return;
    void saving.run(async () => {
      const next = { ...limits, agents: agentsOf(given, limits.agents) };
      for (const [name, value] of values) next[name] = value ?? null;
      await setLimits(of, next);
      const { owner, key } = of;
      if (key) tell('keyLimitsSaved', { hint: key.hint });
      else if (owner === '*') tell('defaultLimitsSaved');
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
      <AgentsField agents={limits.agents} />
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
