/** Tokens as AutoGen's `RequestUsage` counts them (no total). */
export type Usage = { prompt_tokens: number; completion_tokens: number };
