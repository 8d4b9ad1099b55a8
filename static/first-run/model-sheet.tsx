// Leads to a working model, step by step: whose, which, whether it answers, what to write where, and how to start again.
import { useSignal } from '@preact/signals';
import { testModel } from '../api/model-test.ts';
import { Problem } from '../api/problem.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { copyText } from '../shell/copy-text.ts';
import { Dialog } from '../shell/dialog.tsx';
import css from './first-run.css' with { type: 'text' };
import {
  beginningOf,
  fieldsOf,
  filesOf,
  hiding,
  isComplete,
  type Provider,
  providers,
  testedOf,
  type Values,
} from './model-files.ts';
import { useWords } from './words.ts';

addStyle(css);

export function ModelSheet() {
  const app = useApp();
  const say = useWords();
  const provider = useSignal<Provider>('openai');
  const values = useSignal<Values>(beginningOf('openai'));
  const close = () => {
    app.dialog.value = null;
  };
  return (
    <Dialog title={say('title')} onClose={close} staysOpen>
      <div class="model-steps">
        <fieldset>
          <legend>{say('whose')}</legend>
          {providers.map((name) => (
            <label key={name}>
              <input
                type="radio"
                name="provider"
                checked={provider.value === name}
                onChange={() => {
                  provider.value = name;
                  values.value = beginningOf(name);
                }}
              />
              {say(name)}
            </label>
          ))}
        </fieldset>
        <ValuesForm
          key={provider.value}
          provider={provider.value}
          values={values.value}
          change={(changed) => {
            values.value = { ...values.value, ...changed };
          }}
        />
        {isComplete(provider.value, values.value) && (
          <Files provider={provider.value} values={values.value} />
        )}
      </div>
    </Dialog>
  );
}

type ValuesFormProps = {
  provider: Provider;
  values: Values;
  change: (changed: Partial<Values>) => void;
};

/** What the model is asked with, and whether it answers. */
function ValuesForm({ provider, values, change }: ValuesFormProps) {
  const { connection } = useApp();
  const say = useWords();
  const isTesting = useSignal(false);
  /** Why it does not work; an empty text where it does. */
  const outcome = useSignal<string | null>(null);
  const fields = fieldsOf[provider];

  async function test(): Promise<void> {
    if (isTesting.value || !isComplete(provider, values)) return;
    isTesting.value = true;
    outcome.value = null;
    try {
      outcome.value = await testModel(testedOf(provider, values));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      connection.suspect(error);
      outcome.value = error.detail.replace(/[.。]$/, '') || String(error.status);
    }
    isTesting.value = false;
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void test();
      }}
    >
      <fieldset>
        <legend>{say('which')}</legend>
        {fields.map(({ name, says }) => {
          const box = {
            id: `model-${name}`,
            autocomplete: 'off',
            spellcheck: false,
            dir: 'ltr' as const,
            value: values[name],
            onInput: ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
              outcome.value = null;
              change({ [name]: currentTarget.value });
            },
          };
          return (
            <div key={name} class="value">
              <label for={box.id}>{say(says)}</label>
              {name === 'key' ? (
                <input type="password" aria-describedby="key-kept" {...box} />
              ) : (
                <input type="text" {...box} />
              )}
            </div>
          );
        })}
        {fields.some(({ name }) => name === 'key') && (
          <p class="soft" id="key-kept">
            {say('keyKept')}
          </p>
        )}
        <button type="submit" class="button small" disabled={!isComplete(provider, values)}>
          {say(isTesting.value ? 'testing' : 'test')}
        </button>
        <p role="status" class={outcome.value ? 'wrong' : 'right'}>
          {outcome.value === '' && say('works')}
          {outcome.value && say('fails', { reason: outcome.value })}
        </p>
      </fieldset>
    </form>
  );
}

function Files({ provider, values }: { provider: Provider; values: Values }) {
  const say = useWords();
  const files = filesOf(provider, values);
  return (
    <>
      <section>
        <h3>{say('write')}</h3>
        {files.map(({ name, text }) => (
          <div key={name}>
            <p>{say('intoFile', { file: name })}</p>
            <Copied text={text} shown={hiding(text, values.key)} name={name} />
          </div>
        ))}
        {values.key.trim() !== '' && <p class="soft">{say('keyHidden')}</p>}
      </section>
      <section>
        <h3>{say('again')}</h3>
        <p>{say('againHow')}</p>
        <Copied text="bun run start" shown="bun run start" name="bun run start" />
        <p>{say('reload')}</p>
      </section>
    </>
  );
}

function Copied({ text, shown, name }: { text: string; shown: string; name: string }) {
  const say = useWords();
  const isCopied = useSignal(false);
  return (
    <div class="written">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it */}
      <pre dir="ltr" tabIndex={0}>
        {shown}
      </pre>
      <button
        type="button"
        class="button plain small"
        aria-label={`${say('copy')}: ${name}`}
        onClick={async () => {
          isCopied.value = await copyText(text);
        }}
      >
        {say(isCopied.value ? 'copied' : 'copy')}
      </button>
    </div>
  );
}
