// The agent of a run that has tools: a file as people write it, with an MCP server and an address.
import { join } from 'node:path';
import { parseAgentFile } from '../../agent/components/agent-file.ts';
import type { ChatModel } from '../../models/model.ts';
import type { Environment } from '../../settings.ts';
import { argumentSchema } from './chaos-tools.ts';

export const toolsName = 'tools';
/** What its model is told first: by this a model server knows who asks. */
export const toolsMessage = 'You call tools.';

/** Undefined where nobody keeps the tools' effects. */
export function toolsAgent(env: Environment, model: ChatModel) {
  const { CHAOS_EFFECTS = '', CHAOS_HOOK, OPENAI_API_KEY: name = '' } = env;
  if (CHAOS_HOOK === undefined) return undefined;
  const server = {
    type: 'StdioServerParams',
    command: process.execPath,
    args: ['--no-env-file', join(import.meta.dir, 'tool-server.ts')],
    env: { CHAOS_EFFECTS, CHAOS_HOOK, CHAOS_SERVER: name },
    read_timeout_seconds: 20,
  };
  const put = {
    name: 'put',
    description: 'put',
    scheme: 'http',
    host: '127.0.0.1',
    port: Number(new URL(CHAOS_HOOK).port),
    path: '/',
    method: 'PUT',
    headers: { 'x-server': name },
    json_schema: argumentSchema,
    return_type: 'text',
    timeout: 20,
  };
  const file = {
    provider: 'autogen_agentchat.agents.AssistantAgent',
    approval: { '*': 'never', write: 'writes' },
    interrupted: { asks: 'ask' },
    config: {
      name: toolsName,
      system_message: toolsMessage,
      max_tool_iterations: 3,
      workbench: [
        { provider: 'autogen_ext.tools.mcp.McpWorkbench', config: { server_params: server } },
        {
          provider: 'autogen_core.tools.StaticWorkbench',
          config: { tools: [{ provider: 'autogen_ext.tools.http.HttpTool', config: put }] },
        },
      ],
    },
  };
  return parseAgentFile(JSON.stringify(file), 'tools.json', toolsName, env, () => model);
}
