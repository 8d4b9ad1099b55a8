// An MCP server over its input and output: the tools of a run, each of whose effects is kept. It says where it is in a call
// before it goes on, and dies there if it is told to. What it has begun it ends, also when who asked for it is gone.
import { z } from 'zod';
import {
  argumentSchema,
  chaosTools,
  didIt,
  type ToolName,
  type ToolPoint,
  toolNames,
} from './chaos-tools.ts';
import { openEffects } from './effects.ts';
import { tellHook } from './tool-hook.ts';

const request = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().default(''),
  params: z.looseObject({}).default({}),
});
const toolCall = z.object({
  name: z.enum(toolNames),
  arguments: z.object({ label: z.string(), note: z.string(), ms: z.number() }),
  _meta: z.object({ 'agentchat/idempotency-key': z.string() }),
});

const { CHAOS_EFFECTS: folder = '', CHAOS_HOOK: hook = '', CHAOS_SERVER: server = '' } = process.env;
const effects = openEffects(folder);

async function call(params: unknown): Promise<unknown> {
  const { name, arguments: given, _meta } = toolCall.parse(params);
  const key = _meta['agentchat/idempotency-key'];
  effects.called(name, given, key);
  await at('call made');
  await Bun.sleep(given.ms);
  effects.make(name, given, key);
  await at('effect');
  return { content: [{ type: 'text', text: didIt(given.label) }] };
}

async function at(point: ToolPoint): Promise<void> {
  if ((await tellHook(hook, { server, point })) === 'die') process.kill(process.pid, 'SIGKILL');
}

async function resultOf(method: string, params: Record<string, unknown>): Promise<unknown> {
  if (method === 'initialize') {
    const serverInfo = { name: 'chaos', version: '1' };
    return { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo };
  }
  if (method === 'tools/list') return { tools: toolNames.flatMap(listed) };
  if (method === 'tools/call') return call(params);
  if (method === 'ping') return {};
  throw new Error(`there is no ${method}`);
}

const listed = (name: ToolName) => {
  const { mcp, annotations } = chaosTools[name];
  return mcp ? [{ name, description: name, inputSchema: argumentSchema, annotations }] : [];
};

async function take(line: string): Promise<void> {
  const { id, method, params } = request.parse(JSON.parse(line));
  if (id === undefined) return;
  const answer = await resultOf(method, params).then(
    (result) => ({ result }),
    (error) => ({ error: { code: -32_603, message: String(error) } }),
  );
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...answer })}\n`);
  if (method === 'tools/call') await at('call answered');
}

// Who reads may be gone.
process.stdout.on('error', () => {});
for await (const line of console) void take(line);
