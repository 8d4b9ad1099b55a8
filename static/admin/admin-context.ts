// What every part of the admin page needs.
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Connection } from '../state/connection.ts';
import type { Settings, Values } from '../state/settings.ts';
import type { Word } from './words-en.ts';

export type Admin = {
  settings: Settings;
  connection: Connection;
  /** Whose page this is. */
  owner: string;
  say: (word: Word, values?: Values) => string;
  /** For readers who do not see the page, and for a moment at its edge. */
  tell: (word: Word, values?: Values) => void;
};

export const AdminContext = createContext<Admin | null>(null);

export function useAdmin(): Admin {
  const admin = useContext(AdminContext);
  if (!admin) throw new Error('outside of the admin page');
  return admin;
}
