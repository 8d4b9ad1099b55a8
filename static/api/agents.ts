// The server's calls about who can be asked.
import { list, record, textOf } from './json.ts';
import { requestJson } from './request.ts';
import { sessionPath } from './sessions.ts';
import { readAll, readSession, type Session } from './wire.ts';

/** `models`: the first answers where none is chosen. */
export type Agent = { name: string; label: string; models: string[]; isDefault: boolean };

/** The default one first, where the reader may ask it. */
export const listAgents = async (): Promise<Agent[]> => readAll(await requestJson('api/agents'), readAgent);

/** From now on this agent answers in the session. */
export const chooseAgent = async (id: string, agent: string): Promise<Session> =>
  readSession(await requestJson(sessionPath(id), { method: 'PATCH', body: { agent } }));

function readAgent(value: unknown): Agent {
  const agent = record(value);
  const name = textOf(agent.name);
  return {
    name,
    label: textOf(agent.label) || name,
    models: list(agent.models).map(textOf),
    isDefault: agent.default === true,
  };
}
