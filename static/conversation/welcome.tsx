// What an empty page shows: a greeting, and examples to start from.
import { useApp } from '../shell/app-context.ts';
import { later } from '../shell/later.tsx';

const FirstRunNote = later(async () => (await import('../first-run/first-run-note.tsx')).FirstRunNote);

export function Welcome() {
  const { settings, send, canWrite } = useApp();
  const { t } = settings;
  const examples = [t('example1'), t('example2'), t('example3')];
  return (
    <section class="welcome">
      <img src="static/favicon.svg" alt="" width="52" height="52" />
      <h2>{t('welcome')}</h2>
      <p>{t(canWrite.value ? 'welcomeText' : 'welcomeReader')}</p>
      <FirstRunNote />
      {canWrite.value && (
        <ul>
          {examples.map((text) => (
            <li key={text}>
              <button type="button" class="example" onClick={() => void send(text)}>
                {text}
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
