// What the next message of a session would be answered with.
import { createRoute } from '@hono/zod-openapi';
import { json } from '../answers.ts';
import { createRouter } from '../router.ts';
import { sessionContext as schema } from '../schemas/context-schema.ts';
import { problems } from '../schemas/problem-schemas.ts';
import { sessionContextQuery, sessionPath } from '../schemas/query-schemas.ts';
import { policyOf } from '../turn-context.ts';

const context = createRoute({
  method: 'get',
  path: '/{id}/context',
  operationId: 'getSessionContext',
  tags: ['sessions'],
  summary: 'What the next message would be answered with',
  request: { params: sessionPath, query: sessionContextQuery },
  responses: {
    200: json(schema, 'How much is sent, and what is left out'),
    ...problems('session_not_found'),
  },
});

export const sessionContext = createRouter().openapi(context, async (c) => {
  const { agent, model, usage = false } = c.req.valid('query');
  const { sessions } = c.get('chat');
  const found = await sessions.context(c.req.valid('param').id, { agent, model }, { usage });
  const { leftOut, usage: used } = found;
  return c.json(
    {
      agent: found.agent,
      model: found.model,
      estimated_tokens: found.tokens,
      token_limit: found.tokenLimit ?? null,
      sent: found.sent,
      left_out: { by_policy: leftOut.byPolicy, by_model_limit: leftOut.byModelLimit, empty: leftOut.empty },
      policy: policyOf(found.policy),
      model_limit: found.modelLimit ?? null,
      ...(used
        ? {
            usage: {
              prompt_tokens: used.promptTokens,
              completion_tokens: used.completionTokens,
              cost: used.cost,
            },
          }
        : {}),
    },
    200,
  );
});
