// A server as `src/main.ts` starts one, but whose assistant has tools: one that reads, one that fails, and one that a
// person has to allow.
import { createAgents } from '../agent/agent.ts';
import { createAssistant } from '../agent/assistant.ts';
import { openDatabase } from '../cli/database/open-database.ts';
import { loadAgents } from '../cli/load-agents.ts';
import { outliveReaders } from '../cli/serve/log-lines.ts';
import { serve } from '../cli/serve/serve.ts';
import { type Running, stopOnSignals } from '../cli/serve/stop-signals.ts';
import { readSettings } from '../settings.ts';
import { testWorkbench } from './workbench.ts';

outliveReaders();
let running: Running | undefined;
stopOnSignals({
  running: () => running,
  fail: (error) => {
    throw error;
  },
});
const settings = readSettings(process.env);
const { agents: described, warnings } = await loadAgents(settings, process.env);
const reads = { readOnlyHint: true };
const workbench = testWorkbench({
  look: { annotations: reads, run: ({ at }) => `<img src="/seen"> [${at}](https://example.com)` },
  fail: { annotations: reads, run: () => Promise.reject(new Error('kaput')) },
  write: { run: ({ to }) => `written to ${to}` },
});
const agents = createAgents(createAssistant({ ...described[0], workbench }));
running = await serve(settings, { agents: () => agents, warnings }, await openDatabase(settings));
