// Language and theme: by the browser until the reader chooses, then kept. A language's texts are a file of their own, of which
// only those in use are loaded.
import { batch, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { en } from '../texts/en.ts';
import type { Storage } from './storage.ts';

export type Locale = 'zh-CN' | 'en';
export type Theme = 'system' | 'light' | 'dark';
export type TextName = keyof typeof en;
export type Values = Record<string, string | number>;
export type Say = (name: TextName, values?: Values) => string;

type Texts = Record<TextName, string>;

const texts: Record<Locale, () => Promise<Texts>> = {
  'zh-CN': async () => (await import('../texts/zh-cn.ts')).zhCn,
  en: async () => (await import('../texts/en.ts')).en,
};
const locales: readonly Locale[] = ['zh-CN', 'en'];
const themes: readonly Theme[] = ['system', 'light', 'dark'];

export type Settings = {
  locale: ReadonlySignal<Locale>;
  /** Resolves once the page speaks it. */
  speak: (locale: Locale) => Promise<void>;
  theme: Signal<Theme>;
  /** A text in the language in use, with its {values} filled in. Whoever reads it follows a change of language. */
  t: Say;
};

/** With the texts of the language in use. */
export async function createSettings(storage: Storage): Promise<Settings> {
  const locale = signal<Locale>(
    locales.find((one) => one === storage.read('locale')) ?? browserLocale(navigator.languages),
  );
  const spoken = signal(await untilLoaded(locale.value));
  let wanted = locale.value;

  async function speak(next: Locale): Promise<void> {
    wanted = next;
    const loaded = await untilLoaded(next);
    if (wanted !== next) return;
    batch(() => {
      spoken.value = loaded;
      locale.value = next;
    });
  }

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
  const t: Say = (name, values) => filled(spoken.value[name], values);
  return { locale, speak, theme, t };
}

/** The file may be away for a moment, as the server is; the page says nothing without it. */
async function untilLoaded(locale: Locale): Promise<Texts> {
  while (true) {
    try {
      return await texts[locale]();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

/** A text with its {values}. */
export function filled(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, word) => String(values[word] ?? whole));
}

/** The first language of the reader that the page speaks. */
function browserLocale(languages: readonly string[]): Locale {
  for (const language of languages) {
    if (/^zh\b/i.test(language)) return 'zh-CN';
    if (/^en\b/i.test(language)) return 'en';
  }
  return 'en';
}
