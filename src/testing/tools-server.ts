// A server as `src/main.ts` starts one, but whose assistant has tools: some that read, one that fails, one that says a lot,
// two that a person has to allow, of one of which it is known what it takes, and the question to the person.
// `MODEL_ROUNDS` is how often its model may ask for tools in one turn.
import { createAgents } from '../agent/agent.ts';
import { defaultLoop } from '../agent/agent-description.ts';
import { askUserTool } from '../agent/ask-user.ts';
import { createAssistant } from '../agent/assistant.ts';
import type { HttpToolSource } from '../agent/tool-source.ts';
import { openDatabase } from '../cli/database/open-database.ts';
import { loadAgents } from '../cli/load-agents.ts';
import { outliveReaders } from '../cli/serve/log-lines.ts';
import { serve } from '../cli/serve/serve.ts';
import { type Running, stopOnSignals } from '../cli/serve/stop-signals.ts';
import { readSettings } from '../settings.ts';
import { joinWorkbenches } from '../tools/join-workbenches.ts';
import { createStaticWorkbench } from '../tools/static-workbench.ts';
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
const tools = testWorkbench({
  look: { annotations: reads, run: ({ at }) => `<img src="/seen"> [${at}](https://example.com)` },
  read_file: { annotations: reads, run: ({ path }) => `# ${path}\n\nLine after line of it.` },
  fail: { annotations: reads, run: () => Promise.reject(new Error('kaput')) },
  flood: { annotations: reads, run: () => `${'all of it '.repeat(20_000)}END` },
  write: { run: ({ to }) => `written to ${to}` },
  send_mail: { run: (args) => `sent ${JSON.stringify(args)}` },
});
const workbench = joinWorkbenches([createStaticWorkbench([askUserTool]), { ...tools, server: 'office' }]);
const sendMail: HttpToolSource = {
  kind: 'http',
  name: 'send_mail',
  description: 'Sends a message to somebody.',
  scheme: 'http',
  host: '127.0.0.1',
  port: 9,
  path: '/mail',
  method: 'POST',
  headers: {},
  parameters: {
    type: 'object',
    properties: {
      to: { type: 'string', description: 'Whom it is for', minLength: 3 },
      text: { type: 'string' },
      copies: { type: 'integer', minimum: 1, maximum: 9 },
      weight: { type: 'number' },
      urgent: { type: 'boolean' },
      way: { enum: ['mail', 'fax'] },
      tags: { type: 'array', items: { type: 'string' } },
    },
    required: ['to', 'text'],
  },
  returnType: 'text',
  timeoutMs: 1000,
};
const loop = { ...defaultLoop, maxToolIterations: Number(process.env.MODEL_ROUNDS ?? 1) };
const agents = createAgents(createAssistant({ ...described[0], workbench, tools: [sendMail], loop }));
running = await serve(settings, { agents: () => agents, warnings }, await openDatabase(settings));
