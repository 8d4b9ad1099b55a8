// One of a few, side by side.
import { useId } from 'preact/hooks';
import { useAdmin } from './admin-context.ts';
import type { Word } from './words-en.ts';

export type ChoiceProps<T extends string> = {
  label: string;
  value: T;
  of: readonly T[];
  word: (one: T) => Word;
  onChoose: (one: T) => void;
};

export function Choice<T extends string>({ label, value, of, word, onChoose }: ChoiceProps<T>) {
  const { say } = useAdmin();
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="unseen">{label}</legend>
      {of.map((one) => (
        <label key={one}>
          <input
            type="radio"
            name={name}
            value={one}
            checked={one === value}
            onChange={() => onChoose(one)}
          />
          <span>{say(word(one))}</span>
        </label>
      ))}
    </fieldset>
  );
}
