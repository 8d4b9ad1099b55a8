// The page of a server that lets people in by keys, and a key for each who is to come in.
import { type ChatPagesOptions, chatPages } from './chat-page.ts';
import { type KeyChange, type MadeKey, seedKeys } from './seeded-keys.ts';

/** Call it at the top of a `describe`. `keys` are there once its tests run, named as those who were asked for. */
export function keyedPages<Name extends string>(
  asked: Record<Name, KeyChange>,
  before: ChatPagesOptions['before'] = undefined,
) {
  // Filled before anybody reads it.
  const keys = {} as Record<Name, MadeKey>;
  const pages = chatPages({
    env: { AUTH: 'keys' },
    async before(database) {
      const names = Object.keys(asked);
      const made = await seedKeys(database, Object.values<KeyChange>(asked));
      Object.assign(keys, Object.fromEntries(names.map((name, n) => [name, made[n]])));
      await before?.(database);
    },
  });
  return { pages, keys };
}

/** How a caller shows a key. */
export const by = ({ key }: MadeKey) => ({ authorization: `Bearer ${key}` });
