// A form for a key, as password managers understand it.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { type Account, signIn } from '../api/access.ts';
import { Problem, unreachable, wantsSignIn } from '../api/problem.ts';
import { addIcons, Icon } from '../shell/icon.tsx';
import { problemText } from '../shell/problem-text.ts';
import { useSettings } from '../shell/settings-context.ts';
import { useWords } from './words.ts';

addIcons({
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  eyeOff:
    'M4 4l16 16M10 6a8 8 0 0 1 2-.5c6 0 9.5 6.5 9.5 6.5a16 16 0 0 1-2.7 3.3M6.5 7.5A16 16 0 0 0 2.5 12s3.5 6.5 9.5 6.5a9 9 0 0 0 4.5-1.2M10 10a3 3 0 0 0 4 4',
});

export type KeyFormProps = {
  again: string | undefined;
  /** There is another way, which comes first. */
  isPlain: boolean;
  onSignedIn: (account: Account) => void;
};

export function KeyForm({ again, isPlain, onSignedIn }: KeyFormProps) {
  const { t } = useSettings();
  const say = useWords();
  const owner = useRef<HTMLInputElement>(null);
  const key = useRef<HTMLInputElement>(null);
  const isShown = useSignal(false);
  const isBusy = useSignal(false);
  const refused = useSignal<Problem | null>(null);

  useEffect(() => {
    if (!isPlain) key.current?.focus();
  }, []);

  async function submit(): Promise<void> {
    const text = key.current?.value.trim() ?? '';
    if (isBusy.value) return;
    if (text === '') return key.current?.focus();
    isBusy.value = true;
    refused.value = null;
    try {
      const account = await signIn(text);
      // Under this name a password manager keeps the key.
      if (owner.current) owner.current.value = account.owner;
      onSignedIn(account);
    } catch (error) {
      refused.value = error instanceof Problem ? error : unreachable();
      key.current?.select();
      key.current?.focus();
    } finally {
      isBusy.value = false;
    }
  }

  const problem = refused.value;
  return (
    <form
      class="key-form"
      id="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <input
        ref={owner}
        class="unseen"
        type="text"
        name="username"
        autocomplete="username"
        tabIndex={-1}
        aria-hidden="true"
        defaultValue={again ?? ''}
      />
      <label for="key">{say('key')}</label>
      <div class="key-field">
        <input
          ref={key}
          id="key"
          type="password"
          name="password"
          autocomplete="current-password"
          autocapitalize="off"
          spellcheck={false}
          dir="ltr"
          placeholder="ack_…"
          aria-invalid={problem !== null && wantsSignIn(problem)}
          aria-describedby="key-hint"
        />
        <button
          type="button"
          class="icon small"
          aria-label={say(isShown.value ? 'hideKey' : 'showKey')}
          title={say(isShown.value ? 'hideKey' : 'showKey')}
          onClick={() => {
            isShown.value = !isShown.value;
            if (key.current) key.current.type = isShown.value ? 'text' : 'password';
          }}
        >
          <Icon name={isShown.value ? 'eyeOff' : 'eye'} />
        </button>
      </div>
      <p class="soft key-hint" id="key-hint">
        {say('keyHint')}
      </p>
      {problem && (
        <p class="gate-error" role="alert" dir="auto">
          {wantsSignIn(problem) ? say('wrongKey') : problemText(problem, t)}
        </p>
      )}
      <button
        type="submit"
        class={isPlain ? 'button plain wide' : 'button wide'}
        aria-disabled={isBusy.value}
      >
        {say(isBusy.value ? 'signingIn' : 'signInWithKey')}
      </button>
    </form>
  );
}
