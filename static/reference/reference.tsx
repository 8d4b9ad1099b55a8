// The API reference: the server's own description of itself, to read and to try. Nothing in it comes from elsewhere.
import { render } from 'preact';
import { useState } from 'preact/hooks';
import { createSettings, type Settings } from '../state/settings.ts';
import { browserStorage } from '../state/storage.ts';
import { CredentialFields, needsCredential, noCredential } from './credential.tsx';
import { type ApiDocument, operationsOf, readDocument, server } from './document.ts';
import { OperationView } from './operation.tsx';
import { NamedType, Told } from './schema.tsx';
import { told } from './sentences.ts';
import { type Word, words } from './words.ts';

function Reference({ api, settings }: { api: ApiDocument; settings: Settings }) {
  const locale = settings.locale.value;
  const say = (word: Word) => words[locale][word];
  const [credential, setCredential] = useState(noCredential);
  return (
    <>
      <header class="reference-head">
        <h1>
          {api.info.title} <span class="soft">{say('title')}</span>
        </h1>
        <Choices settings={settings} say={say} />
        <p class="soft">
          <Told sentence={api.info.description} locale={locale} />
        </p>
        {needsCredential(api) && <CredentialFields credential={credential} set={setCredential} say={say} />}
      </header>
      <main>
        {api.tags.map(({ name, description }) => (
          <section key={name}>
            <h2>{told(description, locale)}</h2>
            {operationsOf(api, name).map((place) => (
              <OperationView
                key={place.id}
                api={api}
                place={place}
                credential={credential}
                locale={locale}
                say={say}
              />
            ))}
          </section>
        ))}
        <section>
          <h2>{say('types')}</h2>
          {Object.entries(api.components.schemas).map(([name, schema]) => (
            <NamedType key={name} name={name} schema={schema} api={api} locale={locale} say={say} />
          ))}
        </section>
      </main>
    </>
  );
}

function Choices({
  settings: { locale, speak, theme },
  say,
}: {
  settings: Settings;
  say: (word: Word) => string;
}) {
  const isDark =
    theme.value === 'dark' ||
    (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  const turnLocale = () => {
    void speak(locale.value === 'en' ? 'zh-CN' : 'en');
  };
  const turnTheme = () => {
    theme.value = isDark ? 'light' : 'dark';
  };
  return (
    <nav class="reference-choices">
      <a class="button plain small" href={`${server}/`}>
        {say('toChat')}
      </a>
      <a class="button plain small" href={`${server}/openapi.json`} title={say('raw')}>
        openapi.json
      </a>
      <button class="button plain small" type="button" onClick={turnTheme}>
        {say(isDark ? 'light' : 'dark')}
      </button>
      <button class="button plain small" type="button" onClick={turnLocale}>
        {say('language')}
      </button>
    </nav>
  );
}

const host = document.getElementById('reference');
if (host) {
  const reading = readDocument();
  createSettings(browserStorage()).then((settings) =>
    reading.then(
      (api) => {
        render(<Reference api={api} settings={settings} />, host);
        document.getElementById(location.hash.slice(1))?.scrollIntoView();
      },
      () => render(<p class="reference-failed">{words[settings.locale.value].cannotLoad}</p>, host),
    ),
  );
}
