// Who calls, as the server knows them.
import { createRoute, z } from '@hono/zod-openapi';
import type { Identified } from '../../access/credentials.ts';
import type { ApplyingLimits } from '../../db/access/applying-limits.ts';
import type { LimitsRow } from '../../db/access/limits.ts';
import { roles, ways } from '../../words/access.ts';
import type { LimitName, LimitValues } from '../../words/limits.ts';
import { json } from '../answers.ts';
import { createRouter } from '../router.ts';
import { orNull } from '../schemas/answer-fields.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { summed, usageSum } from './usage.ts';

export const caller = z
  .object({
    owner: orNull(z.string()).openapi({
      description: 'Whose sessions there are; null for a service that names nobody in `X-Owner`',
    }),
    role: z.enum(roles),
    way: z.enum(ways).openapi({ description: 'How they were let in' }),
  })
  .openapi('Caller', {
    description: 'Who calls',
    example: { owner: 'alice', role: 'member', way: 'keys' },
  });

const told = orNull(z.number());

const limits = z.object({
  requests_per_minute: told,
  running_turns: told,
  turns_per_day: told,
  tokens_per_day: told,
  cost_per_month: told,
  agents: orNull(z.array(z.string())).openapi({ description: 'Those that may be asked; null for all' }),
});

const counted = z.object({
  requests_per_minute: told,
  running_turns: told,
  turns_per_day: told,
  tokens_per_day: told,
  cost_per_month: told,
  held_tokens: z.number(),
  held_cost: z.number(),
});

const meAnswer = caller
  .extend({
    limits: orNull(limits).openapi({
      description: 'What holds for the owner; null for nobody’s, and where nothing is limited',
    }),
    key_limits: orNull(limits).openapi({
      description:
        'What holds besides for the key that they came by; null without one, and where it has none',
    }),
    limits_used: orNull(counted).openapi({
      description:
        'What counts against each of `limits` now, with what is held for turns that run or wait (`held_tokens`, `held_cost`); null where nothing is counted',
    }),
    key_limits_used: orNull(counted).openapi({ description: 'The same of `key_limits`' }),
    max_file_bytes: z.number().int().openapi({ description: 'The largest file that can be stored' }),
    usage: orNull(z.object({ today: usageSum, month: usageSum })).openapi({
      description: 'What the owner has used today and this month (UTC)',
    }),
  })
  .openapi('Me', {
    description: 'Who calls, what they may use and have used',
    example: {
      ...{ owner: 'alice', role: 'member', way: 'keys' },
      ...{ limits: null, key_limits: null, limits_used: null, key_limits_used: null, usage: null },
      max_file_bytes: 20_971_520,
    },
  });

const meRoute = createRoute({
  method: 'get',
  path: '/me',
  operationId: 'getMe',
  tags: ['access'],
  summary: 'Who calls',
  responses: { 200: json(meAnswer, 'Who calls'), ...problems() },
});

export const me = createRouter().openapi(meRoute, async (c) => {
  const who = callerOf(c.get('who'));
  const max_file_bytes = c.get('parts').settings.maxFileBytes;
  if (who.owner === null) return c.json({ ...who, ...nothing, max_file_bytes }, 200);
  const { limits, keyLimits, today, month } = await c.get('chat').allowance(new Date());
  const usage = { today: summed(today), month: summed(month) };
  const told = {
    limits: valuesOf(limits.set),
    key_limits: valuesOf(keyLimits.set),
    limits_used: countedOf(limits.counted),
    key_limits_used: countedOf(keyLimits.counted),
  };
  return c.json({ ...who, ...told, max_file_bytes, usage }, 200);
});

const nothing = { limits: null, key_limits: null, limits_used: null, key_limits_used: null, usage: null };

function valuesOf(row: LimitsRow | undefined): LimitValues | null {
  if (!row) return null;
  const { owner: _, key: _key, updatedAt: _at, ...values } = row;
  return values;
}

function countedOf(row: ApplyingLimits | undefined): z.infer<typeof counted> | null {
  if (!row) return null;
  const { limits, used, held } = row;
  const of = (name: LimitName) => (limits[name] === null ? null : used[name]);
  return {
    requests_per_minute: of('requests_per_minute'),
    running_turns: of('running_turns'),
    turns_per_day: of('turns_per_day'),
    tokens_per_day: of('tokens_per_day'),
    cost_per_month: of('cost_per_month'),
    held_tokens: held.tokens,
    held_cost: held.cost,
  };
}

export const callerOf = (who: Identified): z.infer<typeof caller> => ({
  owner: who.owner === undefined ? null : who.name,
  role: who.role,
  way: who.way,
});
