// The message box: it grows, sends on Enter, and keeps an unsent draft for each session.
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { longestMessage } from '../api/turns.ts';
import { useApp } from '../shell/app-context.ts';
import { Icon } from '../shell/icon.tsx';
import { later } from '../shell/later.tsx';
import type { App } from '../state/app.ts';
import { fit } from './fit-height.ts';

/** Who has only one to choose needs nothing of it, and the page is there first. */
const WhoAnswers = later(async () => (await import('./who-answers.tsx')).WhoAnswers);

/** Few bring files along. */
const Attachments = later(async () => (await import('../attachments/files.ts')).Attachments);

export function Composer() {
  const app = useApp();
  const { t } = app.settings;
  const input = useRef<HTMLTextAreaElement>(null);
  const place = app.route.sessionId.value ?? 'new';
  const length = useSignal(0);
  const isBlank = useSignal(true);
  const conversation = app.current.value;
  const canStop = conversation?.canStop.value ?? false;
  // What is sent while a reply is being written waits for that to end.
  const isReady = conversation ? conversation.status.value === 'ready' : !app.creating.value;
  const isTooLong = length.value > longestMessage;
  const files = app.drafts.files(place);
  const isEmpty = () => isBlank.value && files.value.length === 0;
  const maySend = () =>
    isReady && !isEmpty() && length.value <= longestMessage && files.value.every(({ id }) => id !== '');

  /** Takes in what the box has now. */
  function taken(): void {
    if (!input.current) return;
    fit(input.current);
    length.value = input.current.value.length;
    isBlank.value = input.current.value.trim() === '';
  }

  function set(text: string): void {
    if (!input.current) return;
    input.current.value = text;
    taken();
  }

  useLayoutEffect(() => {
    set(app.drafts.read(place));
    if (matchMedia('(hover: hover)').matches && !document.querySelector('dialog[open]'))
      input.current?.focus();
  }, [place]);

  const handed = app.handed.value;
  useEffect(() => {
    if (handed === null || !input.current) return;
    app.handed.value = null;
    const before = input.current.value;
    const { text } = handed;
    set(before.trim() === '' || before === text ? text : `${text}\n${before}`);
    app.drafts.keep(place, input.current.value);
    files.value = [...handed.files.map((file) => ({ ...file, key: file.id })), ...files.value];
    input.current.focus();
  }, [handed]);

  useEffect(() => {
    addEventListener('resize', taken);
    return () => removeEventListener('resize', taken);
  }, []);

  async function submit(): Promise<void> {
    const text = input.current?.value ?? '';
    if (!maySend()) return;
    if (!(await app.send(text.trim() && text))) return;
    // The message is in the outbox now; what was typed meanwhile stays.
    app.drafts.keep(place, '');
    if (input.current?.value === text) set('');
  }

  function pressed(event: KeyboardEvent): void {
    // An Enter that confirms a composition does not send.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'ArrowUp' && input.current?.value === '') {
      const last = lastMessage(app);
      if (last === undefined || conversation?.busy.value) return;
      event.preventDefault();
      app.editing.value = last;
    }
  }

  return (
    <form
      class="composer"
      id="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
        input.current?.focus();
      }}
    >
      <Attachments place={place} />
      <div class="box">
        <textarea
          ref={input}
          id="input"
          rows={1}
          dir="auto"
          autocomplete="off"
          enterkeyhint="send"
          placeholder={t('placeholder')}
          aria-label={t('message')}
          aria-describedby="keys"
          aria-invalid={isTooLong}
          onInput={() => {
            taken();
            app.drafts.keep(place, input.current?.value ?? '');
          }}
          onKeyDown={pressed}
        />
        {canStop && (
          <button
            type="button"
            class="send"
            id="stop"
            aria-label={t('stop')}
            title={t('stop')}
            onClick={() => {
              conversation?.stop();
              input.current?.focus();
            }}
          >
            <Icon name="stop" />
          </button>
        )}
        {!(canStop && isEmpty()) && (
          <button
            type="submit"
            class="send"
            id="send"
            aria-label={t('send')}
            title={t('send')}
            disabled={!maySend()}
          >
            <Icon name="arrowUp" />
          </button>
        )}
      </div>
      <div class="below">
        <WhoAnswers />
        {isTooLong ? (
          <p class="keys too-long" id="keys" role="alert">
            {t('tooLong', { count: length.value, most: longestMessage })}
          </p>
        ) : (
          <p class="keys" id="keys">
            {t('keys')}
          </p>
        )}
      </div>
    </form>
  );
}

/** The key of the item of what the reader said last. */
function lastMessage(app: App): string | undefined {
  return app.current.value?.items.value.findLast((item) => item.kind === 'user' && item.message.value)?.key;
}
