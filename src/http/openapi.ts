// The head of /openapi.json.
export const openApiInfo = {
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
    { name: 'chat', description: 'Saying something to the agent' },
    { name: 'history', description: 'What was said' },
    { name: 'turns', description: 'A message and the work of answering it' },
    { name: 'legacy', description: 'For callers of the FastAPI application' },
    { name: 'service', description: 'The server itself' },
  ],
};
