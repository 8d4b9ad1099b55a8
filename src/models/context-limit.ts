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

/** Where a shorter conversation would not help: it is about the reply, another field, money, or what others ask. */
const SOMETHING_ELSE = [
  /max_(completion_)?tokens.{0,40}(at most|less than or equal)/i,
  /supports at most/i,
  /max_\w{0,20}tokens.{0,20} exceeds (the model|max)/i,
  /(unknown|unrecognized|unexpected|unsupported) (field|request argument|argument|parameter|keyword|property)|not permitted/i,
  /\b(string|array) too long/i,
  /\b(image|file|attachment|audio|video)s? exceeds?\b/i,
  /\b(spend|spending|budget|quota|billing|monthly)\b|\bper (minute|day|hour)\b/i,
  /\bqueue\b|out of memory/i,
];

/** No model takes less; a smaller number was read wrong, or means something else. */
const LEAST_LIMIT = 256;

/** A number as it is told: 8192, 8,192, 8 192, 8.192 or 128k. */
const NUMBER = String.raw`\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+(?!\d)|\d{1,13}(?: ?k\b)?`;

/** The pattern with that where it has `#`. */
const withNumber = ({ source }: RegExp): RegExp => new RegExp(source.replace('#', NUMBER), 'i');

// For each number, how it may be told; the first that is found counts.
const LIMITS = [
  /maximum (?:context|model|prompt|input) length (?:is|of) (#)/i,
  /context length(?: is| of) only (#)/i,
  /n_ctx\W{1,4}(#)/i,
  /available context size \((#)/i,
  /context length \((#) tokens\)/i,
  /configured (?:limit|context size) (?:of|is) (#)/i,
  /tokens > (#) maximum/i,
  /context limit: [\d,]{1,12} \+ [\d,]{1,12} > (#)/i,
  /number of tokens allowed \(?(#)/i,
  /input length should be \[\d+, ?(#)\]/i,
  /too large for model with (#) maximum/i,
  /maximum context length: (#)/i,
  /limit:? (#), requested/i,
  /model token limit: (#)/i,
  /max_seq_len \((#)\)/i,
  /(?:exceeds? the limit of|while limit is|context window of|maximum(?: allowed)?(?: input)? length(?: of)?|must be <=|cannot exceed) (#)/i,
].map(withNumber);
const PROMPTS = [
  /n_prompt_tokens\W{1,4}(#)/i,
  /n_keep: (#)/i,
  /messages resulted in (#) tokens/i,
  /\((#) (?:in the (?:messages|prompt)|in your prompt|of text input)/i,
  /(#) tokens from the input/i,
  /(?:request has|passed) (#) input tokens/i,
  /prompt \(length (#)\)/i,
  /(?:request|input|prompt) \((#) tokens\)/i,
  /keep the first (#) tokens/i,
  /prompt is too long:? (#)/i,
  /context limit: (#) \+/i,
  /token count \(?(#)\)? exceeds/i,
  /(?:prompt|request) (?:contains|has) (#) tokens/i,
  /\(requested: (#)\)/i,
  /prompt_tokens \((#)\)/i,
  /current length is (#)/i,
  /input length (#) exceeds/i,
  /token count of (#) exceeds/i,
].map(withNumber);
const RESERVED = [
  /(#) (?:in|for) (?:the|your) (?:completion|output)/i,
  /(#) tokens for the completion/i,
  /requested (#) output tokens/i,
  /context limit: [\d,]{1,12} \+ (#) >/i,
  /tokens' is too large: (#)/i,
].map(withNumber);
const TOTALS = [
  /requested (?:about )?(#) tokens/i,
  /limit:? [\d,]{1,12}, requested (#)/i,
  /requested tokens \((#)\)/i,
  /total of (#) tokens/i,
].map(withNumber);

function numberIn(text: string, told: RegExp[]): number | undefined {
  for (const pattern of told) {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) continue;
    const thousands = /k$/i.test(found) ? 1000 : 1;
    return thousands * Number(found.replace(/\D/g, '')) || undefined;
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
  const number = numberIn(said, LIMITS);
  const limit = number === undefined || number < LEAST_LIMIT ? undefined : number;
  const told = numberIn(said, RESERVED);
  const total = numberIn(said, TOTALS);
  const prompt = numberIn(said, PROMPTS) ?? (total && Math.max(0, total - (told ?? maxTokens ?? 0)));
  // A server in trouble may say anything: only what it has counted is believed.
  if (status >= 500 && limit === undefined && prompt === undefined) return undefined;
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
