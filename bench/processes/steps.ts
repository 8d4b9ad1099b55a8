// What a turn costs by step: each step of AgentChat alone, in this process, and the same step done bare.

import { createAgents } from '../../src/agent/agent.ts';
import { modelFromEnvironment } from '../../src/agent/agent-config.ts';
import { createAssistant } from '../../src/agent/assistant.ts';
import { openPostgres } from '../../src/db/postgres/open-postgres.ts';
import { createLog, type Log } from '../../src/log.ts';
import { createParts } from '../../src/parts.ts';
import { beginTurn, completeTurn } from '../statements.ts';
import { openServer } from './bare-database.ts';
import { serveRole } from './role.ts';
import { measureSteps } from './steps-measure.ts';

const { STEPS_DATABASE: url = '', STEPS_MODEL: model = '', STEPS_PACED: paced = '' } = process.env;

const log: Log = createLog({ level: 'info', format: 'json', write: () => {} });
const agentAt = (base: string) => modelFromEnvironment({ OPENAI_BASE_URL: base, OPENAI_MODEL: 'bench' });
const agent = agentAt(model);
const assistant = createAssistant(agent);
const settings = {
  ways: ['none'] as const,
  allowedHosts: [],
  corsOrigins: [],
  defaultLocale: 'en' as const,
  maxBodyBytes: 1024 ** 2,
  maxFileBytes: 20 * 1024 ** 2,
  basePath: '',
};
const { store, app } = createParts({
  database: openPostgres({ url, poolMax: 10, prepare: true }),
  agents: createAgents(assistant),
  log,
  assets: async () => undefined,
  lastMigration: undefined,
  settings,
});
const bare = openServer(url);

serveRole(
  () =>
    measureSteps({
      app,
      store,
      assistant,
      model,
      many: agentAt(paced).model,
      bare: { begin: bare.prepare(beginTurn), complete: bare.prepare(completeTurn) },
    }),
  {},
);
