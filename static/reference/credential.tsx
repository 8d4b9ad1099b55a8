// Who calls in what is tried here: a key or token, which is nowhere but in this page's memory, and whom it speaks for.
import type { Operation } from './document.ts';
import type { Word } from './words.ts';

/** Empty where the page's own sign-in is to say it. */
export type Credential = { key: string; owner: string };

export const noCredential: Credential = { key: '', owner: '' };

type Props = { credential: Credential; set: (credential: Credential) => void; say: (word: Word) => string };

export function CredentialFields({ credential, set, say }: Props) {
  return (
    <section class="try-it" aria-label={say('credential')}>
      <p class="value">
        <label for="credential-key">{say('key')}</label>
        <input
          id="credential-key"
          type="password"
          autocomplete="off"
          value={credential.key}
          onInput={({ currentTarget }) => set({ ...credential, key: currentTarget.value.trim() })}
        />
      </p>
      <p class="value">
        <label for="credential-owner">
          {say('speaksFor')} (<code>X-Owner</code>)
        </label>
        <input
          id="credential-owner"
          autocomplete="off"
          value={credential.owner}
          onInput={({ currentTarget }) => set({ ...credential, owner: currentTarget.value })}
        />
      </p>
      <p class="soft">{say('credentialKept')}</p>
    </section>
  );
}

/** Whether the server asks who calls; false for what is for everybody. */
export const needsCredential = ({ security }: { security?: Operation['security'] }): boolean =>
  security !== undefined && security.length > 0;

/** The headers that say it. Values of headers are bytes, and names are UTF-8. */
export function headersOfCredential({ key, owner }: Credential): Record<string, string> {
  return {
    ...(key === '' ? {} : { Authorization: `Bearer ${key}` }),
    ...(owner === '' ? {} : { 'X-Owner': String.fromCharCode(...new TextEncoder().encode(owner)) }),
  };
}
