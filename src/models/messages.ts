// The messages a language model is given: AutoGen's LLMMessage family, as its state files hold them.
import { z } from 'zod';

const functionCall = z.object({ id: z.string(), arguments: z.string(), name: z.string() });

/** A call of a tool; `arguments` is JSON as the model wrote it, which need not be valid. */
export type FunctionCall = z.infer<typeof functionCall>;

const functionExecutionResult = z.object({
  content: z.string(),
  name: z.string(),
  call_id: z.string(),
  is_error: z
    .boolean()
    .nullish()
    .transform((value) => value ?? null),
});

/** AutoGen's serialised Image: base64 PNG, without a MIME type. */
const image = z.object({ data: z.string() });

const systemMessage = z.object({ content: z.string(), type: z.literal('SystemMessage') });

const userMessage = z.object({
  content: z.union([z.string(), z.array(z.union([z.string(), image]))]),
  source: z.string(),
  type: z.literal('UserMessage'),
});

const assistantMessage = z.object({
  content: z.union([z.string(), z.array(functionCall)]),
  thought: z
    .string()
    .nullish()
    .transform((value) => value ?? null),
  source: z.string(),
  type: z.literal('AssistantMessage'),
});

const functionExecutionResultMessage = z.object({
  content: z.array(functionExecutionResult),
  type: z.literal('FunctionExecutionResultMessage'),
});

/** One message of a model's context. Unknown keys are dropped and key order is AutoGen's. */
export const llmMessage = z.discriminatedUnion('type', [
  systemMessage,
  userMessage,
  assistantMessage,
  functionExecutionResultMessage,
]);

export type LlmMessage = z.infer<typeof llmMessage>;

/**
 * What the assistant said, as a model may be given it: with the `reasoning` before its calls of tools, which some servers
 * want back, where `thought` is the text next to them. AutoGen's state has no place for it.
 */
export type ReasonedMessage = Extract<LlmMessage, { type: 'AssistantMessage' }> & { reasoning?: string };
