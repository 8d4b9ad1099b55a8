// What a model can do: what its configuration says, else what is known of its name.
import type { Capabilities } from './model.ts';

/** Models that see images, by the names of their families. */
const SEEING: readonly RegExp[] = [
  /gpt-4o|gpt-4\.1|gpt-4-turbo|gpt-[5-9]|\bo1(?!-mini|-preview)|\bo3(?!-mini)|\bo4/i,
  /claude|gemini|gemma-?[3-9]|grok-[4-9]|llama-?4|mistral-(small|medium)|pixtral/i,
  /[-_.:\d]vl\b|vision|llava|minicpm-v|glm-[\d.]+v|kimi-k2\.[5-9]/i,
];

/** Models that think before they answer, and take no temperature. */
const TEMPERATURELESS = /(^|[/:])(o[134](-|$)|gpt-5(?!.*chat))/i;

/** The highest temperature that a model with this name takes, if any, at a server that speaks as OpenAI's does. */
export const mostTemperatureOf = (name: string): number | undefined =>
  TEMPERATURELESS.test(name) ? undefined : 2;

/**
 * `info` is AutoGen's `model_info`, or `model_capabilities` as it was called before. What it does not say: a model calls tools and answers in a given form, as nearly
 * all do today, and sees images if its name is known for it.
 */
export function capabilities(name: string, info: Record<string, unknown> = {}): Capabilities {
  return {
    callsTools: said(info.function_calling) ?? true,
    vision: said(info.vision) ?? SEEING.some((names) => names.test(name)),
    structuredOutput: said(info.structured_output) ?? true,
  };
}

/** True or false, also as text; undefined where it is neither. */
const said = (value: unknown): boolean | undefined =>
  ({ true: true, false: false })[String(value) as 'true' | 'false'];
