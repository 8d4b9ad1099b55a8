// What the model was sent, as it goes over the wire.
import type { z } from '@hono/zod-openapi';
import type { Context } from '../agent/agent.ts';
import type { turnContext } from './schemas/context-schema.ts';

type Shown = z.infer<typeof turnContext>;

export function contextOf({ messages, tokens, leftOut, policy, modelLimit }: Context): Shown {
  return {
    messages: messages.map(messageOf),
    estimated_tokens: tokens,
    left_out: { by_policy: leftOut.byPolicy, by_model_limit: leftOut.byModelLimit, empty: leftOut.empty },
    policy: policyOf(policy),
    model_limit: modelLimit ?? null,
  };
}

const roles = {
  SystemMessage: 'system',
  UserMessage: 'user',
  AssistantMessage: 'assistant',
  FunctionExecutionResultMessage: 'tool',
} as const;

function messageOf(message: Context['messages'][number]): Shown['messages'][number] {
  const { content, type } = message;
  const source = 'source' in message ? message.source : null;
  // Of a text the thought stays here.
  const thought = type === 'AssistantMessage' && typeof content !== 'string' ? message.thought : null;
  return { role: roles[type], source, content, ...(thought === null ? {} : { thought }) };
}

export function policyOf(policy: Context['policy']): Shown['policy'] {
  switch (policy.kind) {
    case 'unbounded':
      return { name: policy.kind };
    case 'buffered':
      return { name: policy.kind, buffer_size: policy.size };
    case 'head_and_tail':
      return { name: policy.kind, head_size: policy.head, tail_size: policy.tail };
    default:
      return { name: policy.kind, token_limit: policy.limit };
  }
}
