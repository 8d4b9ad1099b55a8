// What a person says of a call in words: why not, or what its result is.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { useWords } from './words.ts';
import type { Word } from './words-en.ts';

export type InWordsProps = {
  /** What is to be written. */
  asked: Word;
  /** What sends it. */
  done: Word;
  decide: (text: string) => void;
  /** Back, where there is something before it. */
  leave?: () => void;
  /** What may be done instead. */
  children?: ComponentChildren;
};

export function InWords({ asked, done, decide, leave, children }: InWordsProps) {
  const say = useWords();
  const id = useId();
  const text = useSignal('');
  return (
    <fieldset
      class="approval-words"
      onKeyDown={(event) => {
        if (event.isComposing) return;
        if (event.key === 'Escape' && leave) leave();
        else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) decide(text.value);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <label for={id}>{say(asked)}</label>
      <textarea
        id={id}
        rows={3}
        maxLength={65_536}
        dir="auto"
        value={text.value}
        onInput={({ currentTarget }) => {
          text.value = currentTarget.value;
        }}
      />
      <div class="approval-answers">
        <button type="button" class="button small" onClick={() => decide(text.value)}>
          {say(done)}
        </button>
        {leave && (
          <button type="button" class="button plain small" onClick={leave}>
            {say('back')}
          </button>
        )}
        {children}
      </div>
    </fieldset>
  );
}
