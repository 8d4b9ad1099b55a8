// What the tests of the configuration share: reading one, what it fails with, and the beginning of one.
import { expect } from 'bun:test';
import { ModelConfigError, parseModelConfig } from '../agent/agent-config.ts';

/** The agent of this configuration. */
export function load(text: string, env: Record<string, string> = {}) {
  return parseModelConfig(text, 'model_config.yaml', env);
}

/** The one line that loading fails with. */
export function problem(text: string, env: Record<string, string> = {}): string {
  try {
    load(text, env);
  } catch (error) {
    if (!(error instanceof ModelConfigError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message;
  }
  throw new Error('it loaded');
}

/** A configuration of the OpenAI client with these lines in its `config`. */
export function openai(...lines: string[]): string {
  return ['provider: OpenAIChatCompletionClient', 'config:', ...lines.map((line) => `  ${line}`)].join('\n');
}
