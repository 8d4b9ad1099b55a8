// What a session says to whoever answers in it: instructions, and a temperature.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { listAgents, listModels } from '../api/agents.ts';
import { Problem } from '../api/problem.ts';
import { changeSession } from '../api/sessions.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { Dialog } from '../shell/dialog.tsx';
import type { App } from '../state/app.ts';
import css from './instructions.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

/** The server's, too. */
const longest = 8192;
const highest = 2;

export function InstructionsSheet() {
  const app = useApp();
  const say = useWords();
  const id = app.route.sessionId.value;
  const before = app.instructed();
  const instructions = useSignal(before.instructions);
  const temperature = useSignal(before.temperature === null ? '' : String(before.temperature));
  const withoutTemperature = useSignal('');
  const failure = useSignal('');
  const count = [...instructions.value].length;
  const isTooLong = count > longest;
  const degrees = temperature.value.trim() === '' ? null : Number(temperature.value.replace(',', '.'));
  const isWrong = degrees !== null && !(degrees >= 0 && degrees <= highest);
  const close = () => {
    app.dialog.value = null;
  };

  useEffect(() => {
    void temperatureless(app).then((name) => {
      withoutTemperature.value = name;
    });
  }, []);

  async function save(): Promise<void> {
    if (isTooLong || isWrong) return;
    const given = { instructions: instructions.value, temperature: degrees };
    try {
      if (id === null) app.newInstructed.value = given;
      else app.list.update(await changeSession(id, given));
      app.tabs.tell({ kind: 'sessions' });
      close();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      app.connection.suspect(error);
      failure.value = error.detail || say('notSaved');
    }
  }

  return (
    <Dialog title={say('title')} onClose={close} staysOpen>
      <form
        class="instructed"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label for="own-instructions">{say('instructions')}</label>
        <textarea
          id="own-instructions"
          rows={6}
          dir="auto"
          value={instructions.value}
          placeholder={say('example')}
          aria-describedby="own-instructions-hint"
          aria-invalid={isTooLong}
          onInput={({ currentTarget }) => {
            instructions.value = currentTarget.value;
          }}
        />
        <p class={isTooLong ? 'wrong' : 'soft'} id="own-instructions-hint">
          {isTooLong ? say('tooLong', { count, most: longest }) : say('instructionsHint')}
        </p>
        <label for="own-temperature">{say('temperature')}</label>
        <input
          id="own-temperature"
          inputMode="decimal"
          autocomplete="off"
          value={temperature.value}
          aria-describedby="own-temperature-hint"
          aria-invalid={isWrong}
          onInput={({ currentTarget }) => {
            temperature.value = currentTarget.value;
          }}
        />
        <p class={isWrong ? 'wrong' : 'soft'} id="own-temperature-hint">
          {say(isWrong ? 'temperatureWrong' : 'temperatureHint', { most: highest })}{' '}
          {withoutTemperature.value && say('temperatureNone', { model: withoutTemperature.value })}
        </p>
        {failure.value && (
          <p class="wrong" role="alert">
            {failure.value}
          </p>
        )}
        <p class="ways">
          <button type="button" class="button plain" onClick={close}>
            {say('cancel')}
          </button>
          <button type="submit" class="button" disabled={isTooLong || isWrong}>
            {say('save')}
          </button>
        </p>
      </form>
    </Dialog>
  );
}

/** The model that would answer now, where it takes no temperature. */
async function temperatureless({ who, route, list }: App): Promise<string> {
  const [agents, models] = await Promise.all([listAgents(), listModels()]).catch(() => [[], []]);
  const id = route.sessionId.value;
  const named = id === null ? who.value.agent : list.find(id)?.agent;
  const agent = agents.find(({ name }) => name === named) ?? agents.find(({ isDefault }) => isDefault);
  const answering = who.value.model ?? agent?.models[0];
  return models.find(({ name, temperature }) => name === answering && temperature === null)?.name ?? '';
}
