// Two agents, one of which has two models, and what their answers say of who answered.
import { type Agents, createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { type Script, scriptedModel } from './scripted-model.ts';
import type { testApp } from './test-app.ts';

export type Told = { source: string; metadata: Record<string, string> };

export const namedModel = (name: string, script?: Script, maxTokens?: number) => ({
  ...scriptedModel(script),
  name,
  maxTokens,
});

/** `assistant`, which sees one message, and `coder`, which sees all and has two models; the second costs. */
export function twoAgents(script?: Script): Agents {
  return createAgents(
    createAssistant({
      model: namedModel('small', script),
      systemMessage: null,
      contextPolicy: { kind: 'buffered', size: 1 },
    }),
    createAssistant({
      name: 'coder',
      model: namedModel('code', script),
      models: [
        { model: namedModel('code-large', script, 1000), prices: { prompt: 10, completion: 1_000_000 } },
      ],
      systemMessage: 'You write code.',
      contextPolicy: { kind: 'unbounded', initialMessages: [] },
    }),
  );
}

type App = Awaited<ReturnType<typeof testApp>>;

/** Says `hi` in the session. */
export const chatIn = (one: App, id: string, more: object = {}) =>
  one.send('POST', `/api/sessions/${id}/chat`, { content: 'hi', ...more });

/** The agent that answered, and its model. */
export const told = async (answer: Response | Promise<Response>): Promise<[string, string | undefined]> => {
  const { source, metadata }: Told = await (await answer).json();
  return [source, metadata.model];
};
