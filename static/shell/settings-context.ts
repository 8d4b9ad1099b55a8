// Language and theme for every part of the view, also before it is known whose page it is.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Settings } from '../state/settings.ts';

export const SettingsContext = createContext<Settings | null>(null);

export function useSettings(): Settings {
  const settings = useContext(SettingsContext);
  if (!settings) throw new Error('outside of the page');
  return settings;
}
