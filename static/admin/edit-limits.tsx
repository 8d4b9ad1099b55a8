// The limits of an owner, or of everybody who has none of their own.
import { useSignal } from '@preact/signals';
import { type LimitName, limitNames } from '../api/access.ts';
import { Problem } from '../api/problem.ts';
import { Dialog } from '../shell/dialog.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import { getLimits, setLimits } from './calls.ts';
import { Listing } from './listing.tsx';
import { useLoaded } from './use-loaded.ts';
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
  const { say, settings, tell, connection } = useAdmin();
  const isBusy = useSignal(false);
  const wrong = useSignal<LimitName | null>(null);
  const problem = useSignal<Problem | null>(null);

  async function save(form: HTMLFormElement): Promise<void> {
    const given = new FormData(form);
    const values = limitNames.map((name) => [name, limitOf(given.get(name), name)] as const);
    wrong.value = values.find(([, value]) => value === undefined)?.[0] ?? null;
    if (wrong.value !== null || isBusy.value) return;
    isBusy.value = true;
    problem.value = null;
    try {
      const next = { ...limits };
      for (const [name, value] of values) next[name] = value ?? null;
      await setLimits(owner, next);
      if (owner === '*') tell('defaultLimitsSaved');
      else tell('limitsSaved', { owner });
      onClose();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      problem.value = error;
    } finally {
      isBusy.value = false;
    }
  }

  return (
    <form
      class="form limits"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save(event.currentTarget);
      }}
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
      {wrong.value && (
        <p class="form-error" role="alert">
          {say(wrong.value)}: {say('wrongNumber')}
        </p>
      )}
      {problem.value && (
        <p class="form-error" role="alert" dir="auto">
          {say('notSaved')} {problemText(problem.value, settings.t, settings.locale.value)}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="submit" class="button" disabled={isBusy.value}>
          {say(isBusy.value ? 'saving' : 'save')}
        </button>
      </div>
    </form>
  );
}

/** Null for none; undefined for what is no limit. Only money has parts. */
function limitOf(given: unknown, name: LimitName): number | null | undefined {
  const text = String(given ?? '').replace(/[\s,_]/g, '');
  if (text === '') return null;
  const pattern = name === 'cost_per_month' ? /^\d+(\.\d+)?$/ : /^\d+$/;
  return pattern.test(text) ? Number(text) : undefined;
}
