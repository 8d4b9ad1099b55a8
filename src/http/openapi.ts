// What /openapi.json says of the whole.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { responseHeaders } from './response-headers.ts';
import type { AppEnv } from './router.ts';

const openApiInfo = {
  openapi: '3.1.0',
  info: {
    title: 'AgentChat',
    version: '0.1.0',
    description:
      'Conversations with an AI agent: sessions, chat (blocking and streamed), history, the agent’s state and its thoughts, kept in PostgreSQL.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  // Whoever reaches the server may call everything.
  security: [],
  tags: [
    { name: 'sessions', description: 'Conversations' },
    { name: 'chat', description: 'Saying something to the agent' },
    { name: 'history', description: 'What was said' },
    { name: 'turns', description: 'A message and the work of answering it' },
    { name: 'legacy', description: 'For callers of the FastAPI application' },
    { name: 'service', description: 'The server itself' },
  ],
};

/** Serves the document of the routes that `app` has. */
export function serveDocument(app: OpenAPIHono<AppEnv>): void {
  for (const [name, header] of Object.entries(responseHeaders))
    app.openAPIRegistry.registerComponent('headers', name, header);
  app.doc31('/openapi.json', (c) => ({ ...openApiInfo, servers: [{ url: c.get('basePath') || '/' }] }));
}
