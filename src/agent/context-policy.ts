// How much of a conversation the model is shown: AutoGen's model contexts, and the default of AgentChat.
import { z } from 'zod';
import type { ReadConfig } from '../models/config/config-reader.ts';
import { looseNumber } from '../models/config/config-values.ts';
import { type LlmMessage, llmMessage } from '../models/messages.ts';

/** AutoGen's `initial_messages`: seeded once, then part of the context. */
type Seeded = { initialMessages?: LlmMessage[] };

/** Which messages are sent. Sizes count messages, limits count tokens. */
export type ContextPolicy = Seeded &
  (
    | { kind: 'unbounded' }
    | { kind: 'buffered'; size: number }
    | { kind: 'head_and_tail'; head: number; tail: number }
    | { kind: 'token_limited'; limit: number }
    | { kind: 'newest_that_fit'; limit: number }
  );

const DEFAULT_TOKEN_LIMIT = 32_000;

/** What holds where nothing is configured. */
export const DEFAULT_CONTEXT_POLICY: ContextPolicy = { kind: 'newest_that_fit', limit: DEFAULT_TOKEN_LIMIT };

const size = looseNumber('a whole number above 0', (value) => Number.isInteger(value) && value > 0);

/** The second option is there so that a wrong message gets one error, in these words. */
const message = z.union([llmMessage, z.never()], {
  error: 'an AutoGen message with type, content and source',
});

const seeded = { initial_messages: z.array(message, { error: 'a list of messages' }).optional() };

function withSeeds(
  policy: ContextPolicy,
  config: { initial_messages?: LlmMessage[] | undefined },
): ContextPolicy {
  return config.initial_messages ? { ...policy, initialMessages: config.initial_messages } : policy;
}

const unbounded = z.object(seeded);
const buffered = z.object({ ...seeded, buffer_size: size });
const headAndTail = z.object({ ...seeded, head_size: size, tail_size: size });
const tokens = z.object({ ...seeded, token_limit: size.optional() });
const tokenLimited = tokens.extend({
  model_client: z.unknown().optional(),
  tool_schema: z.unknown().optional(),
});

/** Reads the `config` of each context class, by class name. The last one is AgentChat's own. */
export const contextReaders: Record<string, (read: ReadConfig) => ContextPolicy> = {
  UnboundedChatCompletionContext: (read) => withSeeds({ kind: 'unbounded' }, read(unbounded)),
  BufferedChatCompletionContext: (read) => {
    const config = read(buffered);
    return withSeeds({ kind: 'buffered', size: config.buffer_size }, config);
  },
  HeadAndTailChatCompletionContext: (read) => {
    const config = read(headAndTail);
    return withSeeds({ kind: 'head_and_tail', head: config.head_size, tail: config.tail_size }, config);
  },
  TokenLimitedChatCompletionContext: (read) => {
    const config = read(tokenLimited);
    return withSeeds({ kind: 'token_limited', limit: config.token_limit ?? DEFAULT_TOKEN_LIMIT }, config);
  },
  NewestThatFitChatCompletionContext: (read) => {
    const config = read(tokens);
    return withSeeds({ kind: 'newest_that_fit', limit: config.token_limit ?? DEFAULT_TOKEN_LIMIT }, config);
  },
};
