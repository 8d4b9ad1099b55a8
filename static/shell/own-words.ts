// What a part of the page says that is loaded late, in the page's language, with its {values} filled in.
import { filled, type Locale, type Values } from '../state/settings.ts';
import { useSettings } from './settings-context.ts';

/** Gives a hook for them. */
export const ownWords =
  <Word extends string>(words: Record<Locale, Record<Word, string>>) =>
  (): ((word: Word, values?: Values) => string) => {
    const locale = useSettings().locale.value;
    return (word, values) => filled(words[locale][word], values);
  };
