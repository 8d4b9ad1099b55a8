// On an empty page, while the demo model answers: says so, and leads to a model of one's own.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { listModels } from '../api/agents.ts';
import { addStyle } from '../shell/add-style.ts';
import { useApp } from '../shell/app-context.ts';
import css from './first-run.css' with { type: 'text' };
import { useWords } from './words.ts';

addStyle(css);

export function FirstRunNote() {
  const app = useApp();
  const say = useWords();
  const isDemo = useSignal(false);
  useEffect(() => {
    void listModels().then(
      (models) => {
        isDemo.value = models.some((model) => model.isDefault && model.isDemo);
      },
      () => {},
    );
  }, []);
  if (!isDemo.value) return null;
  return (
    <aside class="first-run" aria-label={say('title')}>
      <p>
        {say('demo')} {app.account.value.role !== 'admin' && say('askOperator')}
      </p>
      {app.account.value.role === 'admin' && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            app.dialog.value = 'model';
          }}
        >
          {say('setUp')}
        </button>
      )}
    </aside>
  );
}
