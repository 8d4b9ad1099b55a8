// What was used: the ledger, summed by what a caller asks for.
import { createRoute, z } from '@hono/zod-openapi';
import type { UsageSum } from '../../db/access/usage.ts';
import { json } from '../answers.ts';
import { createRouter } from '../router.ts';
import { broken, text } from '../schemas/fields.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { invalidRequest } from '../validation.ts';

const day = z
  .string()
  .refine(isDay, broken({ rule: 'date' }))
  .openapi({ format: 'date', example: '2026-04-03' });

function isDay(value: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const time = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(value) && value > '1000';
}

const query = z.object({
  from: day.optional().openapi({ description: 'The first day (UTC); default: the first of the month' }),
  to: day.optional().openapi({ description: 'The last day (UTC), counted too; default: today' }),
  by: z.enum(['day', 'model', 'agent', 'owner']).default('day'),
  owner: text(1, 200).optional().openapi({ description: 'For an admin: only this owner’s' }),
});

const count = z.number().int();

const sum = {
  turns: count.openapi({ description: 'That asked a model; each retry is one more' }),
  prompt_tokens: count,
  completion_tokens: count,
  estimated_turns: count.openapi({
    description: 'Of the turns, those whose server did not report its usage',
  }),
  cost: z.number().openapi({ description: 'In the unit of the models’ prices; 0 without prices' }),
};

export const usageSum = z.object(sum).openapi('UsageSum', { description: 'What was used' });

const usageAnswer = z
  .object({
    from: day,
    to: day,
    by: z.enum(['day', 'model', 'agent', 'owner']),
    rows: z.array(
      z.object({ name: z.string().openapi({ description: 'The day, model, agent or owner' }), ...sum }),
    ),
    total: usageSum,
  })
  .openapi('UsageReport', {
    description: 'What was used: days in their order, all else by what used most, at most 1000 of them',
  });

const usageRoute = createRoute({
  method: 'get',
  path: '/usage',
  operationId: 'getUsage',
  tags: ['access'],
  summary: 'What was used, in turns, tokens and cost',
  request: { query },
  responses: { 200: json(usageAnswer, 'The caller’s own; for an admin everybody’s'), ...problems() },
});

export const usage = createRouter().openapi(usageRoute, async (c) => {
  const { from, to, by, owner } = period(c.req.valid('query'), new Date());
  if (from > to)
    throw invalidRequest(
      'query',
      [{ code: 'custom', path: ['from'], params: { rule: 'earlier' }, message: 'earlier', input: from }],
      { from },
      c.get('locale'),
    );
  const { rows, total } = await c.get('chat').usage({ from, to, by, owner });
  const told = rows.map(({ name, ...row }) => ({ name, ...summed(row) }));
  return c.json({ from, to, by, rows: told, total: summed(total) }, 200);
});

/** The days that are meant where not both are given: of the month, up to today. */
function period<Q extends { from?: string | undefined; to?: string | undefined }>(asked: Q, now: Date) {
  const today = now.toISOString().slice(0, 10);
  return { ...asked, from: asked.from ?? `${(asked.to ?? today).slice(0, 8)}01`, to: asked.to ?? today };
}

export const summed = (row: UsageSum) => ({
  turns: row.turns,
  prompt_tokens: row.promptTokens,
  completion_tokens: row.completionTokens,
  estimated_turns: row.estimatedTurns,
  cost: row.cost,
});
