// When a key expires: never, in some days, or on a day.
import { useSignal } from '@preact/signals';
import { useAdmin } from './admin-context.ts';

const dayMs = 24 * 60 * 60 * 1000;
const choices = [30, 90, 365];

export function ExpiryField() {
  const { say } = useAdmin();
  const chosen = useSignal('90');
  return (
    <>
      <label>
        {say('expires')}
        <select
          name="expires"
          value={chosen.value}
          onChange={({ currentTarget }) => {
            chosen.value = currentTarget.value;
          }}
        >
          {choices.map((days) => (
            <option key={days} value={days}>
              {say('expiresDays', { days })}
            </option>
          ))}
          <option value="day">{say('expiresOn')}</option>
          <option value="">{say('expiresNever')}</option>
        </select>
      </label>
      {chosen.value === 'day' && (
        <label>
          {say('expiresDay')}
          <input type="date" name="day" min={dayIn(1)} />
        </label>
      )}
    </>
  );
}

/** A time, null for never; undefined for a day that is none, or over. */
export function expiryOf(form: FormData, now = Date.now()): string | null | undefined {
  const chosen = String(form.get('expires') ?? '');
  if (chosen === '') return null;
  // The end of that day, where the reader is.
  const at = chosen === 'day' ? Date.parse(`${form.get('day')}T23:59:59`) : now + Number(chosen) * dayMs;
  return at > now ? new Date(at).toISOString() : undefined;
}

const dayIn = (days: number): string => new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
