// Below the message box: how much of what the model takes the next message would use; opens to say what is sent.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { getContext, type SessionContext } from '../api/context.ts';
import { useApp } from '../shell/app-context.ts';
import { useNumber } from './numbers.ts';
import { useWords } from './words.ts';

/** Round the ring. */
const whole = 37.7;

export function ContextMeter() {
  const app = useApp();
  const say = useWords();
  const number = useNumber();
  const context = useSignal<SessionContext | null>(null);
  const id = app.route.sessionId.value;
  const isBusy = app.current.value?.busy.value ?? false;
  const { model } = app.who.value;
  const session = id === null ? undefined : app.list.find(id);

  useEffect(() => {
    if (id === null) context.value = null;
    if (id === null || isBusy) return;
    let isOver = false;
    void getContext(id, { model }).then(
      (told) => {
        if (!isOver) context.value = told;
      },
      // It is only to be looked at.
      () => {},
    );
    return () => {
      isOver = true;
    };
  }, [id, isBusy, model, session?.agent, session?.instructions, session?.messageCount]);

  const told = context.value;
  if (id === null || told === null) return null;
  const { tokens, limit } = told;
  const share = limit === null ? 0 : Math.min(1, tokens / limit);
  const percent = new Intl.NumberFormat(app.settings.locale.value, { style: 'percent' }).format(share);
  const values = { tokens: number(tokens), limit: number(limit ?? 0), percent };
  return (
    <button
      type="button"
      class={share > 0.8 ? 'tool full' : 'tool'}
      id="context"
      aria-haspopup="dialog"
      aria-label={say(limit === null ? 'meterOpen' : 'meter', values)}
      title={say(limit === null ? 'meterOpen' : 'meter', values)}
      onClick={() => {
        app.dialog.value = 'context';
      }}
    >
      {limit === null ? (
        say('tokens', { tokens: number(tokens) })
      ) : (
        <>
          <svg class="ring" viewBox="0 0 16 16" aria-hidden="true">
            <circle cx="8" cy="8" r="6" />
            <circle cx="8" cy="8" r="6" class="used" stroke-dasharray={`${share * whole} ${whole}`} />
          </svg>
          {percent}
        </>
      )}
    </button>
  );
}
