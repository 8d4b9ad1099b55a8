// Language and appearance, in a small sheet above the button that opens it.
import type { ComponentChildren } from 'preact';
import type { Locale, TextName, Theme } from '../state/settings.ts';
import { Popover } from './popover.tsx';
import { useSettings } from './settings-context.ts';

const themes: readonly (readonly [Theme, TextName])[] = [
  ['system', 'themeSystem'],
  ['light', 'themeLight'],
  ['dark', 'themeDark'],
];

/** Each in its own words. */
const languagesFor = (chinese: string): readonly (readonly [Locale, string])[] => [
  ['zh-CN', chinese],
  ['en', 'English'],
];

export function SettingsMenu({ children }: { children?: (close: () => void) => ComponentChildren }) {
  const { locale, speak, theme, t } = useSettings();
  return (
    <Popover label={t('settings')} icon="sliders" id="settings" class="sheet">
      {(close) => (
        <>
          {children?.(close)}
          <fieldset>
            <legend>{t('language')}</legend>
            {languagesFor(t('chinese')).map(([tag, name]) => (
              <label key={tag} lang={tag}>
                <input
                  type="radio"
                  name="language"
                  value={tag}
                  checked={locale.value === tag}
                  onChange={() => {
                    void speak(tag);
                  }}
                />
                <span>{name}</span>
              </label>
            ))}
          </fieldset>
          <fieldset>
            <legend>{t('theme')}</legend>
            {themes.map(([value, name]) => (
              <label key={value}>
                <input
                  type="radio"
                  name="theme"
                  value={value}
                  checked={theme.value === value}
                  onChange={() => {
                    theme.value = value;
                  }}
                />
                <span>{t(name)}</span>
              </label>
            ))}
          </fieldset>
        </>
      )}
    </Popover>
  );
}
