// A form in a dialog: what is wrong with it, and the two ways out.
import type { ComponentChildren } from 'preact';
import { problemText } from '../shell/problem-text.ts';
import { useAdmin } from './admin-context.ts';
import type { Saving } from './use-saving.ts';
import type { Word } from './words-en.ts';

export type DialogFormProps = {
  /** What the form is like, for its style. */
  class: string;
  saving: Saving;
  /** What the reader has to mend first. */
  wrong: string | null;
  /** What is said before why it did not work. */
  failed: Word | null;
  submit: Word;
  submitting: Word;
  onSubmit: (given: FormData) => void;
  onClose: () => void;
  children: ComponentChildren;
};

export function DialogForm(props: DialogFormProps) {
  const { saving, wrong, failed, submit, submitting, onSubmit, onClose, children } = props;
  const { say, settings } = useAdmin();
  return (
    <form
      class={props.class}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(new FormData(event.currentTarget));
      }}
    >
      {children}
      {wrong !== null && (
        <p class="form-error" role="alert">
          {wrong}
        </p>
      )}
      {saving.problem && (
        <p class="form-error" role="alert" dir="auto">
          {failed && `${say(failed)} `}
          {problemText(saving.problem, settings.t, settings.locale.value)}
        </p>
      )}
      <div class="dialog-buttons">
        <button type="button" class="button plain" onClick={onClose}>
          {say('cancel')}
        </button>
        <button type="submit" class="button" disabled={saving.isBusy}>
          {say(saving.isBusy ? submitting : submit)}
        </button>
      </div>
    </form>
  );
}
