// A catalogue that changes: who stays, and when what belonged to the others is closed.
import { afterEach, expect, test } from 'bun:test';
import { join } from 'node:path';
import { startProcess } from '../cli/serve/start-process.ts';
import { assistantFile, component, loadFile } from '../testing/agent-file.ts';
import { eventually } from '../testing/processes.ts';
import { scriptedModel } from '../testing/scripted-model.ts';
import type { Agent } from './agent.ts';
import { createLiveAgents, type SourcedAgent } from './live-agents.ts';
import { createToolHost } from './workbench.ts';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const server = (mode: string) =>
  component('McpWorkbench', {
    server_params: {
      type: 'StdioServerParams',
      command: process.execPath,
      args: ['--no-env-file', join(import.meta.dir, '../testing/hostile-mcp.ts'), mode],
      read_timeout_seconds: 20,
    },
  });

function described(name: string, source: string, config: object = {}, beside: object = {}): SourcedAgent {
  return { ...loadFile(assistantFile(config, beside)), name, source, model: scriptedModel() };
}

/** A host that counts the processes it started that still run. */
function host() {
  let running = 0;
  const made = createToolHost({
    async startProcess(command) {
      const process = await startProcess(command);
      running++;
      process.ended.then(() => running--);
      return process;
    },
  });
  ends.push(() => made.close());
  return { made, running: () => running };
}

const list = (agent: Agent | undefined) => agent?.toolbox?.list(AbortSignal.timeout(20_000));

test('who did not change stays, and the others are there as they are now', () => {
  const [one, two] = [described('one', 'a'), described('two', 'a')];
  const agents = createLiveAgents([one, two], host().made);
  const { all } = agents;
  agents.replace([described('one', 'b'), two, described('three', 'a')], [{ agent: 'x', stays: false }]);
  expect(agents.names).toEqual(['one', 'two', 'three']);
  expect(agents.default).toBe(agents.all[0]);
  expect(agents.find('two')).toBe(all[1] as Agent);
  expect(agents.find('one')).not.toBe(all[0]);
  expect(agents.all).not.toBe(all);
  expect(agents.faults).toEqual([{ agent: 'x', stays: false }]);
  agents.replace([two], []);
  expect([agents.default.name, agents.find('one'), agents.faults]).toEqual(['two', undefined, []]);
});

test('the server of an agent that changed runs until no turn uses it, and that of another goes on', async () => {
  const { made, running } = host();
  const models = [component('OpenAIChatCompletionClient', { model: 'large', api_key: 'x' })];
  const one = described('one', 'a', { workbench: server('noisy') }, { models });
  const two = described('two', 'a', { workbench: server('plain') });
  const agents = createLiveAgents([one, two], made);
  await Promise.all([list(agents.find('one')), list(agents.find('two'))]);
  expect(running()).toBe(2);
  const [first] = agents.all;
  // A turn over another of its models uses the same tools.
  const letGo = [agents.hold(first), agents.hold(first.others?.[0] ?? first)];
  agents.replace([described('one', 'b'), two], []);
  await agents.sweep();
  expect(running()).toBe(2);
  letGo[0]?.();
  letGo[0]?.();
  await agents.sweep();
  expect(running()).toBe(2);
  letGo[1]?.();
  expect(running()).toBe(2);
  await agents.sweep();
  expect(await eventually(async () => running() === 1)).toBe(true);
  expect((await list(agents.find('two')))?.length).toBeGreaterThan(0);
}, 60_000);

test('one server of two agents goes on while one of them has it, also within an agent that is a tool', async () => {
  const { made, running } = host();
  const inner = assistantFile({ name: 'inner', workbench: server('plain') });
  const outer = described('outer', 'a', { tools: [component('AgentTool', { agent: inner })] });
  const plain = described('plain', 'a', { workbench: server('plain') });
  const agents = createLiveAgents([plain, outer], made);
  await list(agents.find('plain'));
  expect(running()).toBe(1);
  agents.replace([outer], []);
  await agents.sweep();
  expect(running()).toBe(1);
  agents.replace([described('other', 'a')], []);
  await agents.sweep();
  expect(await eventually(async () => running() === 0)).toBe(true);
}, 60_000);
