// Who calls, as the server knows them.
import { createRoute, z } from '@hono/zod-openapi';
import type { Identified } from '../access/access.ts';
import type { LimitsRow } from '../db/access/limits.ts';
import { roles, ways } from '../words/access.ts';
import { orNull } from './answer-fields.ts';
import { json } from './answers.ts';
import { problems } from './problem-schemas.ts';
import { createRouter } from './router.ts';
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

const meAnswer = caller
  .extend({
    limits: orNull(
      z.object({
        requests_per_minute: told,
        running_turns: told,
        turns_per_day: told,
        tokens_per_day: told,
        cost_per_month: told,
      }),
    ).openapi({ description: 'What holds for the owner; null for nobody’s, and where nothing is limited' }),
    usage: orNull(z.object({ today: usageSum, month: usageSum })).openapi({
      description: 'What the owner has used today and this month (UTC)',
    }),
  })
  .openapi('Me', {
    description: 'Who calls, what they may use and have used',
    example: { owner: 'alice', role: 'member', way: 'keys', limits: null, usage: null },
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
  if (who.owner === null) return c.json({ ...who, limits: null, usage: null }, 200);
  const { limits, today, month } = await c.get('chat').allowance(new Date());
  const usage = { today: summed(today), month: summed(month) };
  return c.json({ ...who, limits: limits ? valuesOf(limits) : null, usage }, 200);
});

const valuesOf = ({ owner: _, key: _key, updatedAt: _at, ...values }: LimitsRow) => values;

export const callerOf = (who: Identified): z.infer<typeof caller> => ({
  owner: who.owner === undefined ? null : who.name,
  role: who.role,
  way: who.way,
});
