// What the clients of model servers make of their configurations alike: waits, headers, the address to show.
import type { ConversationRules } from './model.ts';

const DEFAULT_TIMEOUT_S = 60;
const DEFAULT_MAX_RETRIES = 2;

/** What a package's client is told to wait, a day: the bounds are ours. */
export const PACKAGE_TIMEOUT_MS = 86_400_000;

/** How long to wait for a server, and how often to ask it again. */
export function waiting(config: { timeout?: number | undefined; max_retries?: number | undefined }) {
  return {
    timeoutSeconds: config.timeout ?? DEFAULT_TIMEOUT_S,
    maxRetries: config.max_retries ?? DEFAULT_MAX_RETRIES,
  };
}

/** What AutoGen's keys say of the conversations that a model takes. */
export function conversationRules(config: {
  add_name_prefixes?: boolean | undefined;
  model_info?: Record<string, unknown> | undefined;
}): ConversationRules {
  return {
    namePrefixes: config.add_name_prefixes ?? false,
    multipleSystemMessages: String(config.model_info?.multiple_system_messages) === 'true',
  };
}

/** The longest reply that a request asks for, in tokens, if it says so. */
export function longestReply({
  max_completion_tokens,
  max_tokens,
}: Record<string, unknown>): number | undefined {
  return [max_completion_tokens, max_tokens].find((count) => typeof count === 'number');
}

type Headers = Record<string, string>;

/** The headers of a configuration as one; where a name is in both, that of `extra` counts. */
export function joinHeaders(headers: Headers = {}, extra: Headers = {}): Headers {
  const all = [...Object.entries(headers), ...Object.entries(extra)];
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]));
}

/** The values of headers that may be secrets. */
export function headerSecrets(headers: Headers): string[] {
  return Object.values(headers).filter((value) => value.length >= 8);
}
