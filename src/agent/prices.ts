// What a model costs, as its file says it: per million tokens, in whatever unit the operator counts in.
import { z } from 'zod';
import type { Reading } from '../models/config/component.ts';
import type { ConfigPath } from '../models/config/config-source.ts';
import { looseNumber } from '../models/config/config-values.ts';
import type { Usage } from '../words/usage.ts';

export type Prices = { prompt: number; completion: number };

const price = looseNumber('a price per million tokens, 0 or more', (value) => value >= 0);
const prices = z.strictObject(
  { prompt: price, completion: price },
  {
    error: ({ code }) =>
      code === 'unrecognized_keys' ? 'prompt and completion, and nothing else' : 'a mapping',
  },
);

/** Undefined where there are none. */
export function readPrices(value: unknown, path: ConfigPath, { source }: Reading): Prices | undefined {
  if (value === undefined || value === null) return undefined;
  const read = prices.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const where = (issue?.path ?? []).map(String);
  const name = ['prices', ...where].join('.');
  throw source.error([...path, ...where], `${name} must be ${issue?.message}`);
}

/** Without prices nothing costs anything. To a ten-billionth of the unit. */
export const costOf = (prices: Prices | undefined, usage: Usage): number =>
  prices
    ? Number(
        ((usage.prompt_tokens * prices.prompt + usage.completion_tokens * prices.completion) / 1e6).toFixed(
          10,
        ),
      )
    : 0;
