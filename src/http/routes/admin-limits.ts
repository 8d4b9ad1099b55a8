// What an admin lets each owner and key use: limits, by owner or for all.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { LimitsName } from '../../access/limits.ts';
import type { LimitsRow } from '../../db/access/limits.ts';
import { everyOwner } from '../../words/access.ts';
import type { LimitValues } from '../../words/limits.ts';
import { json } from '../answers.ts';
import { type AppEnv, createRouter } from '../router.ts';
import { agentNames, ownerOrEvery } from '../schemas/admin-schemas.ts';
import { exampleTime, id, orNull, time } from '../schemas/answer-fields.ts';
import { broken, uuid } from '../schemas/fields.ts';
import { byBody, problems } from '../schemas/problem-schemas.ts';

const largest = 2_147_483_647;
const count = z.number().int().min(0).max(largest).nullish();

const newLimits = z
  .object({
    requests_per_minute: count,
    running_turns: count,
    turns_per_day: count,
    tokens_per_day: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullish(),
    cost_per_month: z.number().min(0).max(1e12).nullish(),
    agents: agentNames.nullish().openapi({ description: 'Those that may be asked; null for all' }),
  })
  // A name that is misspelt would lift all limits, the default's too.
  .refine((given) => Object.keys(given).length > 0, broken({ rule: 'some_limit' }))
  .openapi('NewLimits', {
    description: 'All that there are to be, one at least: what is null or missing is not limited',
    example: { running_turns: 4, turns_per_day: 100 },
  });

const told = orNull(z.number().int());

const limits = z
  .object({
    owner: z
      .string()
      .openapi({ description: 'The owner’s name; `*` for all who have no limits of their own' }),
    key: orNull(id).openapi({ description: 'The key whose limits these are; null for the owner’s' }),
    requests_per_minute: told,
    running_turns: told,
    turns_per_day: told,
    tokens_per_day: told,
    cost_per_month: orNull(z.number()),
    agents: orNull(z.array(z.string())).openapi({ description: 'Those that may be asked; null for all' }),
    updated_at: orNull(time).openapi({ description: 'When they were set; null where none are' }),
  })
  .openapi('Limits', {
    description: 'What an owner or a key may use; null for as much as they like',
    example: {
      owner: 'alice',
      key: null,
      requests_per_minute: null,
      running_turns: 4,
      turns_per_day: 100,
      tokens_per_day: null,
      cost_per_month: null,
      agents: null,
      updated_at: exampleTime,
    },
  });

const path = z.object({ owner: ownerOrEvery });
const query = z.object({
  key: uuid.optional().openapi({ description: 'The limits of this key of the owner, not of the owner' }),
});

const listLimits = createRoute({
  method: 'get',
  path: '/',
  operationId: 'listLimits',
  tags: ['admin'],
  summary: 'All limits that were set, the default first',
  responses: { 200: json(limits.array(), 'Limits'), ...problems() },
});

const getLimits = createRoute({
  method: 'get',
  path: '/{owner}',
  operationId: 'getLimits',
  tags: ['admin'],
  summary: 'The limits that were set for an owner or a key',
  request: { params: path, query },
  responses: { 200: json(limits, 'The limits'), ...problems('key_not_found', 'owner_not_found') },
});

const setLimits = createRoute({
  method: 'put',
  path: '/{owner}',
  operationId: 'setLimits',
  tags: ['admin'],
  summary: 'Set the limits of an owner, of a key, or of all who have none of their own (`*`)',
  request: {
    params: path,
    query,
    body: { required: true, content: { 'application/json': { schema: newLimits } } },
  },
  responses: { 200: json(limits, 'The limits'), ...problems(...byBody, 'key_not_found') },
});

const removeLimits = createRoute({
  method: 'delete',
  path: '/{owner}',
  operationId: 'removeLimits',
  tags: ['admin'],
  summary: 'Give an owner the default limits again, or a key none',
  request: { params: path, query },
  responses: {
    200: json(limits, 'The limits, which are none'),
    ...problems('key_not_found', 'owner_not_found'),
  },
});

const adminOf = (c: Context<AppEnv>) => c.get('parts').access.admin(c.get('caller')).limits;

const none: LimitValues = {
  requests_per_minute: null,
  running_turns: null,
  turns_per_day: null,
  tokens_per_day: null,
  cost_per_month: null,
  agents: null,
};

const shown = ({ owner, key, updatedAt, ...values }: LimitsRow): z.infer<typeof limits> => ({
  owner: owner ?? everyOwner,
  key,
  ...values,
  updated_at: updatedAt.toISOString(),
});

async function find(c: Context<AppEnv>, name: LimitsName): Promise<z.infer<typeof limits>> {
  const own = await adminOf(c).find(name);
  return own ? shown(own) : { owner: name.owner, key: name.key ?? null, ...none, updated_at: null };
}

export const adminLimits = createRouter()
  .openapi(listLimits, async (c) => c.json((await adminOf(c).list()).map(shown), 200))
  .openapi(getLimits, async (c) =>
    c.json(await find(c, { ...c.req.valid('param'), ...c.req.valid('query') }), 200),
  )
  .openapi(setLimits, async (c) => {
    const name = { ...c.req.valid('param'), ...c.req.valid('query') };
    const given = c.req.valid('json');
    await adminOf(c).set(name, {
      requests_per_minute: given.requests_per_minute ?? null,
      running_turns: given.running_turns ?? null,
      turns_per_day: given.turns_per_day ?? null,
      tokens_per_day: given.tokens_per_day ?? null,
      cost_per_month: given.cost_per_month ?? null,
      agents: given.agents ?? null,
    });
    return c.json(await find(c, name), 200);
  })
  .openapi(removeLimits, async (c) => {
    const name = { ...c.req.valid('param'), ...c.req.valid('query') };
    await adminOf(c).remove(name);
    return c.json(await find(c, name), 200);
  });
