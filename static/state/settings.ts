// Language and theme: by the browser until the reader chooses, then kept.
import { effect, type Signal, signal } from '@preact/signals';
import { en } from '../texts/en.ts';
import { zhCn } from '../texts/zh-cn.ts';
import type { Storage } from './storage.ts';

export type Locale = 'zh-CN' | 'en';
export type Theme = 'system' | 'light' | 'dark';
export type TextName = keyof typeof en;
export type Values = Record<string, string | number>;
export type Say = (name: TextName, values?: Values) => string;

const texts: Record<Locale, Record<TextName, string>> = { en, 'zh-CN': zhCn };
const locales: readonly Locale[] = ['zh-CN', 'en'];
const themes: readonly Theme[] = ['system', 'light', 'dark'];

export type Settings = {
  locale: Signal<Locale>;
  theme: Signal<Theme>;
  /** A text in the language in use, with its {values} filled in. Whoever reads it follows a change of language. */
  t: Say;
};

export function createSettings(storage: Storage): Settings {
  const locale = signal<Locale>(
    locales.find((one) => one === storage.read('locale')) ?? browserLocale(navigator.languages),
  );
  const theme = signal<Theme>(themes.find((one) => one === storage.read('theme')) ?? 'system');
  effect(() => {
    document.documentElement.lang = locale.value;
  });
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    for (const meta of document.querySelectorAll<HTMLMetaElement>('meta[name="color-scheme"]'))
      meta.content = theme.value === 'system' ? 'light dark' : theme.value;
  });
  let first = true;
  effect(() => {
    const [chosenLocale, chosenTheme] = [locale.value, theme.value];
    if (first) {
      first = false;
      return;
    }
    storage.write('locale', chosenLocale);
    storage.write('theme', chosenTheme);
  });
  const t: Say = (name, values = {}) =>
    texts[locale.value][name].replace(/\{(\w+)\}/g, (whole, word) => String(values[word] ?? whole));
  return { locale, theme, t };
}

/** The first language of the reader that the page speaks. */
function browserLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}
