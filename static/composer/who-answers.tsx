// Below the message box: who answers, where there is more than one who could, and what they are told.
import { useEffect, useMemo } from 'preact/hooks';
import { ContextMeter } from '../context/context-meter.tsx';
import { InstructionsButton } from '../instructions/instructions-button.tsx';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import { createWhoAnswers } from '../state/who-answers.ts';
import css from './who-answers.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

export function WhoAnswers() {
  const app = useApp();
  const { t } = app.settings;
  const say = useWords();
  const who = useMemo(() => createWhoAnswers(app), []);
  useEffect(() => {
    // Files of agents come and go while the page is open.
    const look = () => {
      if (document.visibilityState === 'visible') void who.refresh();
    };
    look();
    document.addEventListener('visibilitychange', look);
    addEventListener('focus', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      removeEventListener('focus', look);
    };
  }, []);
  const agents = who.agents.value;
  const agent = who.agent.value;
  const gone = who.gone.value;
  const models = agent?.models ?? [];
  return (
    <div class="who">
      {(agents.length > 1 || gone) && (
        <select
          id="who"
          aria-label={say('whoAnswers')}
          title={say('whoAnswers')}
          aria-describedby={gone ? 'gone' : undefined}
          value={agent?.name ?? ''}
          onChange={({ currentTarget }) => who.choose(currentTarget.value)}
        >
          {!agent && <option value="" />}
          {agents.map(({ name, label }) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      )}
      {models.length > 1 && (
        <select
          id="model"
          aria-label={t('model')}
          title={t('model')}
          value={who.model.value ?? ''}
          onChange={({ currentTarget }) => who.chooseModel(currentTarget.value)}
        >
          {models.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      )}
      {gone && (
        <p id="gone" role="status" dir="auto">
          {say('agentGone', { name: gone })}
        </p>
      )}
      <InstructionsButton />
      <ContextMeter />
    </div>
  );
}
