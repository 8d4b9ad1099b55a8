// A field for one owner's whole name, which suggests those that contain what was typed.
import { useSignal } from '@preact/signals';
import { Problem } from '../api/problem.ts';
import { listOwners } from './calls.ts';
import { SearchField } from './search-field.tsx';

export function OwnerField({ label, onSearch }: { label: string; onSearch: (owner: string) => void }) {
  const names = useSignal<string[]>([]);

  async function suggest(text: string): Promise<void> {
    try {
      names.value = (await listOwners(text, null)).rows.map(({ name }) => name);
    } catch (error) {
      // What is asked for next says what is wrong.
      if (!(error instanceof Problem)) throw error;
    }
  }

  return (
    <SearchField
      label={label}
      suggested={names.value}
      onSearch={(text) => {
        void suggest(text);
        onSearch(text);
      }}
      onFocus={() => void suggest('')}
    />
  );
}
