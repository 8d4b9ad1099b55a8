// What /openapi.json says of the whole.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Way } from '../../words/access.ts';
import { responseHeaders } from '../response-headers.ts';
import type { AppEnv } from '../router.ts';
import { cookieName, hostCookieName } from '../sign-in-cookie.ts';

const openApiInfo = {
  openapi: '3.1.0',
  info: {
    title: 'AgentChat',
    version: '0.1.0',
    description:
      'Conversations with an AI agent: sessions, chat (blocking and streamed), history, the agent’s state and its thoughts, kept in PostgreSQL.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  tags: [
    { name: 'sessions', description: 'Conversations' },
    { name: 'files', description: 'What is sent along with messages' },
    { name: 'agents', description: 'Who answers' },
    { name: 'chat', description: 'Saying something to the agent' },
    { name: 'history', description: 'What was said' },
    { name: 'turns', description: 'A message and the work of answering it' },
    { name: 'approvals', description: 'What waits for a person to allow it' },
    { name: 'legacy', description: 'For callers of the FastAPI application' },
    { name: 'access', description: 'Who may come in, how much they may, and what they have used' },
    { name: 'admin', description: 'What only an admin may' },
    { name: 'service', description: 'The server itself' },
  ],
};

const schemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A key (`ack_…`), or a token of the provider' },
  key: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'A key' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: cookieName,
    description: `What the page was given to sign in; over TLS, at the root of a host, \`${hostCookieName}\``,
  },
} as const;

/** Where nobody has to say who they are, whoever reaches the server may call everything. */
const securityOf = (ways: readonly Way[]) =>
  ways.includes('none') ? [] : Object.keys(schemes).map((name) => ({ [name]: [] }));

/** Serves the document of the routes that `app` has. */
export function serveDocument(app: OpenAPIHono<AppEnv>): void {
  for (const [name, header] of Object.entries(responseHeaders))
    app.openAPIRegistry.registerComponent('headers', name, header);
  for (const [name, scheme] of Object.entries(schemes))
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  app.doc31('/openapi.json', (c) => ({
    ...openApiInfo,
    servers: [{ url: c.get('basePath') || '/' }],
    security: securityOf(c.get('parts').access.ways),
  }));
}
