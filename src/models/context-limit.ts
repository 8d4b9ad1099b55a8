// Reads out of a server's refusal that the conversation is too long, and what it told of its limit. Each server says it
// in its own words; context-limit.test.ts has them.
import type { ContextLimit } from './model.ts';

const TOO_LONG = [
  /context.{0,10}(length|window|size|limit)/i,
  /(maximum|max\.?|model'?s?) (context|model|prompt|input) length/i,
  /too many (input )?tokens/i,
  /\b(prompt|input|messages?|conversation|request)s?( is| are)? (超长|too (long|large))/i,
  /(exceeds?|exceeded|over|longer than|greater than) .{0,40}(max|token|input).{0,20}(allowed|limit|length|tokens)/i,
  /input length should be|reduce the length of|tokens must be reduced|max_seq_len/i,
  /max_tokens must be at least 1, got -/i,
  /(prompt|input) token count|tokens.{0,40}must be <=/i,
  /(输入|上下文|提示词?|prompt).{0,12}(过长|超长|超过|超出)/i,
];

/** A limit on the reply: a shorter conversation would not help. */
const SOMETHING_ELSE = [/max_(completion_)?tokens.{0,40}(at most|less than or equal)/i, /supports at most/i];

// For each number, how it may be told; the first that is found counts.
const LIMITS = [
  /maximum (?:context|model|prompt|input) length (?:is|of) (\d[\d,]{0,12})/i,
  /context length(?: is| of) only (\d[\d,]{0,12})/i,
  /n_ctx\W{1,4}(\d[\d,]{0,12})/i,
  /available context size \((\d[\d,]{0,12})/i,
  /context length \((\d[\d,]{0,12}) tokens\)/i,
  /configured (?:limit|context size) (?:of|is) (\d[\d,]{0,12})/i,
  /tokens > (\d[\d,]{0,12}) maximum/i,
  /context limit: [\d,]{1,12} \+ [\d,]{1,12} > (\d[\d,]{0,12})/i,
  /number of tokens allowed \(?(\d[\d,]{0,12})/i,
  /input length should be \[\d+, ?(\d[\d,]{0,12})\]/i,
  /too large for model with (\d[\d,]{0,12}) maximum/i,
  /maximum context length: (\d[\d,]{0,12})/i,
  /limit:? (\d[\d,]{0,12}), requested/i,
  /model token limit: (\d[\d,]{0,12})/i,
  /max_seq_len \((\d[\d,]{0,12})\)/i,
  /(?:exceeds? the limit of|while limit is|context window of|maximum(?: allowed)?(?: input)? length(?: of)?|must be <=|cannot exceed) (\d[\d,]{0,12})/i,
];
const PROMPTS = [
  /n_prompt_tokens\W{1,4}(\d[\d,]{0,12})/i,
  /n_keep: (\d[\d,]{0,12})/i,
  /messages resulted in (\d[\d,]{0,12}) tokens/i,
  /\((\d[\d,]{0,12}) (?:in the (?:messages|prompt)|in your prompt|of text input)/i,
  /(\d[\d,]{0,12}) tokens from the input/i,
  /(?:request has|passed) (\d[\d,]{0,12}) input tokens/i,
  /prompt \(length (\d[\d,]{0,12})\)/i,
  /(?:request|input|prompt) \((\d[\d,]{0,12}) tokens\)/i,
  /keep the first (\d[\d,]{0,12}) tokens/i,
  /prompt is too long:? (\d[\d,]{0,12})/i,
  /context limit: (\d[\d,]{0,12}) \+/i,
  /token count \(?(\d[\d,]{0,12})\)? exceeds/i,
  /(?:prompt|request) (?:contains|has) (\d[\d,]{0,12}) tokens/i,
  /\(requested: (\d[\d,]{0,12})\)/i,
  /prompt_tokens \((\d[\d,]{0,12})\)/i,
  /current length is (\d[\d,]{0,12})/i,
  /input length (\d[\d,]{0,12}) exceeds/i,
  /token count of (\d[\d,]{0,12}) exceeds/i,
];
const RESERVED = [
  /(\d[\d,]{0,12}) (?:in|for) (?:the|your) (?:completion|output)/i,
  /(\d[\d,]{0,12}) tokens for the completion/i,
  /requested (\d[\d,]{0,12}) output tokens/i,
  /context limit: [\d,]{1,12} \+ (\d[\d,]{0,12}) >/i,
  /tokens' is too large: (\d[\d,]{0,12})/i,
];
const TOTALS = [
  /requested (?:about )?(\d[\d,]{0,12}) tokens/i,
  /limit:? [\d,]{1,12}, requested (\d[\d,]{0,12})/i,
  /requested tokens \((\d[\d,]{0,12})\)/i,
  /total of (\d[\d,]{0,12}) tokens/i,
];

function numberIn(text: string, told: RegExp[]): number | undefined {
  for (const pattern of told) {
    const found = pattern.exec(text)?.[1];
    if (found !== undefined) return Number(found.replaceAll(',', '')) || undefined;
  }
  return undefined;
}

/**
 * What a refusal tells of the limit that the conversation exceeds; undefined where it is refused for another reason.
 * `said` is all that the server said, `maxTokens` the longest reply that was asked for.
 */
export function readContextLimit(
  status: number,
  said: string,
  maxTokens: number | undefined,
): ContextLimit | undefined {
  if (!isTooLong(status, said)) return undefined;
  const limit = numberIn(said, LIMITS);
  const told = numberIn(said, RESERVED);
  const total = numberIn(said, TOTALS);
  const prompt = numberIn(said, PROMPTS) ?? (total && Math.max(0, total - (told ?? maxTokens ?? 0)));
  // A server that does not say that it counts the reply may be one that takes any prompt below its limit.
  const reserved = told ?? (maxTokens && limit && Math.min(maxTokens, Math.floor(limit / 2)));
  return { ...(limit ? { limit } : {}), ...(prompt ? { prompt } : {}), ...(reserved ? { reserved } : {}) };
}

function isTooLong(status: number, said: string): boolean {
  if (status === 413) return true;
  // Tokens a minute: waiting helps, unless the request by itself is more than they are.
  if (status === 429) return /request too large|tokens must be reduced/i.test(said);
  const mayBe = status === 400 || status === 422 || status >= 500;
  return mayBe && matches(said, TOO_LONG) && !matches(said, SOMETHING_ELSE);
}

const matches = (text: string, patterns: RegExp[]): boolean => patterns.some((pattern) => pattern.test(text));
