// What the tests of agents' files share: one in few words, reading it, and what it fails with.
import { expect } from 'bun:test';
import { ModelConfigError } from '../agent/agent-config.ts';
import { parseAgentFile } from '../agent/components/agent-file.ts';

/** A component of AutoGen's. */
export const component = (provider: string, config: object = {}) => ({ provider, config });

export const client = component('autogen_ext.models.openai.OpenAIChatCompletionClient', {
  model: 'gpt-4o-mini',
  api_key: 'sk-x',
});

/** An AssistantAgent with this config, and this beside it. */
export const assistantFile = (config: object = {}, beside: object = {}) => ({
  ...component('autogen_agentchat.agents.AssistantAgent', { name: 'x', model_client: client, ...config }),
  ...beside,
});

/** The agent of `agents/helper.yaml`. */
export const loadFile = (file: object | string, env: Record<string, string> = {}) =>
  parseAgentFile(
    typeof file === 'string' ? file : JSON.stringify(file, null, 2),
    'agents/helper.yaml',
    'helper',
    env,
  );

/** The one line that reading it fails with. */
export function fileProblem(file: object | string, env: Record<string, string> = {}): string {
  try {
    loadFile(file, env);
  } catch (error) {
    if (!(error instanceof ModelConfigError)) throw error;
    expect(error.message).toMatch(/^agents\/helper\.yaml:\d+: .+$/);
    return error.message;
  }
  throw new Error('it loaded');
}
