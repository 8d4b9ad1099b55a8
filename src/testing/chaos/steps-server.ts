// A server as `src/main.ts` starts one, but with an agent of three steps beside the assistant. CHAOS_AGENT names who
// answers new messages here: both know the turns of both.
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { openDatabase } from '../../cli/database/open-database.ts';
import { explain } from '../../cli/explain.ts';
import { loadAgents } from '../../cli/load-agents.ts';
import { outliveReaders } from '../../cli/serve/log-lines.ts';
import { serve } from '../../cli/serve/serve.ts';
import { type Running, stopOnSignals } from '../../cli/serve/stop-signals.ts';
import { readSettings } from '../../settings.ts';
import { threeSteps } from '../three-steps.ts';

outliveReaders();
let running: Running | undefined;
stopOnSignals({ running: () => running, fail });
try {
  const settings = readSettings(process.env);
  const { agents: described, warnings } = await loadAgents(settings, process.env);
  const [config] = described;
  const opened = await openDatabase(settings);
  const assistant = createAssistant(config);
  const steps = threeSteps(config.model);
  const agents =
    process.env.CHAOS_AGENT === steps.name ? createAgents(steps, assistant) : createAgents(assistant, steps);
  running = await serve(settings, { agents: () => agents, warnings }, opened);
} catch (error) {
  fail(error);
}

function fail(error: unknown): never {
  process.stderr.write(`${explain(error, process.env.DATABASE_URL)}\n`);
  process.exit(1);
}
