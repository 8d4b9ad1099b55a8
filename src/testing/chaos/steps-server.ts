// A server as `src/main.ts` starts one, but with an agent of three steps and one with tools (where a run of chaos has some) beside the assistant. CHAOS_AGENT
// names who answers new messages here: each server knows the turns of all.
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import type { ToolHost } from '../../agent/workbench.ts';
import { openDatabase } from '../../cli/database/open-database.ts';
import { explain } from '../../cli/explain.ts';
import { loadAgents } from '../../cli/load-agents.ts';
import { outliveReaders } from '../../cli/serve/log-lines.ts';
import { serve } from '../../cli/serve/serve.ts';
import { type Running, stopOnSignals } from '../../cli/serve/stop-signals.ts';
import { readSettings } from '../../settings.ts';
import { threeSteps } from '../three-steps.ts';
import { toolsAgent } from './tools-agent.ts';

outliveReaders();
let running: Running | undefined;
stopOnSignals({ running: () => running, fail });
try {
  const settings = readSettings(process.env);
  const { agents: found, warnings } = await loadAgents(settings, process.env);
  const [config] = found;
  const opened = await openDatabase(settings);
  const described = toolsAgent(process.env, config.model);
  const agents = (tools: ToolHost) => {
    const assistant = createAssistant(config);
    const others = [threeSteps(config.model)];
    if (described) others.push(createAssistant({ ...described, workbench: tools.workbenchOf(described) }));
    const first = others.find(({ name }) => name === process.env.CHAOS_AGENT);
    return first
      ? createAgents(first, assistant, ...others.filter((agent) => agent !== first))
      : createAgents(assistant, ...others);
  };
  running = await serve(settings, { agents, warnings }, opened);
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${explain(error, process.env.DATABASE_URL)}\n`);
  process.exit(1);
}
