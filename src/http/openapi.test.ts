import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../db/database.ts';
import { ModelError } from '../models/model.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { type Schema, schemaFaults } from '../testing/json-schema.ts';
import { say, scriptedModel } from '../testing/scripted-model.ts';
import { testApp } from '../testing/test-app.ts';

type Media = { content?: Record<string, { schema: Schema }> };
type Operation = {
  tags?: string[];
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: Media & { required?: boolean };
  responses: Record<string, Media & { description: string }>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

onEachDatabase('the API’s document', (open) => {
  let database: Database;
  let document: Document;
  beforeAll(async () => {
    database = await open();
    const app = await testApp(database);
    document = await (await app.get('/openapi.json')).json();
  });

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  test('is OpenAPI 3.1 whose references, paths and answers are whole', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info.title).toBe('AgentChat');
    expect(document.info.version).toMatch(/^\d+\.\d+\.\d+/);
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      expect(document.components.schemas).toHaveProperty(name);
    }
    // What OpenAPI 3.0 said so, 3.1 does not know.
    expect(text).not.toContain('"nullable"');
    const tags = document.tags.map(({ name }) => name);
    for (const { path, operation } of operations()) {
      expect(path).not.toContain(':');
      expect(operation.summary).toBeString();
      for (const tag of operation.tags ?? []) expect(tags).toContain(tag);
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((one) => one.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(named as string[]);
      for (const { required } of declared) expect(required).toBe(true);
      expect(Object.keys(operation.responses).some((status) => status.startsWith('2'))).toBe(true);
      for (const [status, { description, content = {} }] of Object.entries(operation.responses)) {
        expect(description).toBeString();
        if (Number(status) >= 400) expect(Object.keys(content)).toEqual(['application/problem+json']);
      }
    }
  });

  test('has every route of the API', async () => {
    const { app } = await testApp(database);
    const served = new Set(
      app.routes
        .filter(({ method, path }) => method !== 'ALL' && /^\/(api|chat|history|healthz|readyz)\b/.test(path))
        .map(({ method, path }) => `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`),
    );
    const documented = operations().map(({ path, method }) => `${method} ${path}`);
    expect(documented.sort()).toEqual([...served].sort());
  });

  test('gives requests their limits, in the types that a caller writes', () => {
    for (const { path, operation } of operations()) {
      for (const { name, schema } of operation.parameters ?? []) {
        const where = `${path} ${name}`;
        if (name === 'limit' || name === 'offset') {
          expect([where, schema.type]).toEqual([where, 'integer']);
          expect([where, typeof schema.minimum, typeof schema.maximum, typeof schema.default]).toEqual([
            where,
            'number',
            'number',
            'number',
          ]);
        } else if (name === 'stream' || name === 'context')
          expect([where, schema.type]).toEqual([where, 'boolean']);
        else {
          expect([where, schema.type]).toEqual([where, 'string']);
          const bounded = schema.maxLength ?? schema.format ?? schema.enum;
          if (name !== 'last-event-id') expect([where, bounded]).not.toEqual([where, undefined]);
        }
      }
    }
    const { NewMessage, NewSession, SessionChange } = document.components.schemas;
    expect(NewMessage?.required).toEqual(['content']);
    expect(NewMessage?.properties?.content).toMatchObject({
      type: 'string',
      minLength: 1,
      maxLength: 262_144,
    });
    expect(NewMessage?.properties?.source).toMatchObject({ minLength: 1, maxLength: 50 });
    expect(NewSession?.required).toBeUndefined();
    expect(NewSession?.properties?.name).toMatchObject({ minLength: 1, maxLength: 100 });
    expect(SessionChange?.properties?.name).toMatchObject({ type: 'string', minLength: 1, maxLength: 100 });
  });

  test('allows the requests that the server allows, null where it does', async () => {
    const app = await testApp(database);
    const id = await app.newSession();
    const message = { content: 'x', source: 'user', type: 'TextMessage', models_usage: null, metadata: null };
    for (const [name, path, body] of [
      ['NewMessage', `/api/sessions/${id}/chat`, message],
      [
        'NewMessage',
        '/chat',
        { ...message, models_usage: { prompt_tokens: 1, completion_tokens: 2 }, metadata: {} },
      ],
      ['NewSession', '/api/sessions', { name: null, metadata: null, agent_state: null }],
      ['NewSession', '/api/sessions', { name: 'x', metadata: { a: [1] }, agent_state: {} }],
    ] as const) {
      const { schemas } = document.components;
      expect(schemaFaults(schemas[name] ?? {}, body, schemas)).toEqual([]);
      expect((await app.send('POST', path, body)).status).toBeLessThan(300);
    }
  });

  test('tells each answer as it really is, key by key', async () => {
    const model = scriptedModel((_, call) =>
      call === 2
        ? [{ type: 'content', text: 'par' }, new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' })]
        : say(['ok'], ['hm']),
    );
    const app = await testApp(database, { model });
    const seen = new Set<string>();

    /** Asks, and holds the answer against what the document says of it. */
    async function check(method: string, path: string, at: string, body?: unknown) {
      const response = await app.request(at, {
        method: method.toUpperCase(),
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      const documented = document.paths[path]?.[method]?.responses[response.status];
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const schema = documented?.content?.[type]?.schema;
      expect([method, path, response.status, type, schema === undefined]).toEqual([
        method,
        path,
        response.status,
        type,
        false,
      ]);
      const answer = await response.json();
      expect(schemaFaults(schema ?? {}, answer, document.components.schemas)).toEqual([]);
      if (response.ok) seen.add(`${method} ${path}`);
      return answer;
    }

    const session = '/api/sessions/{id}';
    const { id } = await check('post', '/api/sessions', '/api/sessions', {
      name: 'x',
      metadata: { a: { b: null } },
    });
    const own = `/api/sessions/${id}`;
    await check('post', `${session}/chat`, `${own}/chat`, { content: 'x' });
    await check('post', `${session}/chat`, `${own}/chat`, { content: 'x' });
    await check('post', '/chat', '/chat', { content: 'x' });
    await check('get', '/history', '/history');
    await check('get', '/api/sessions', '/api/sessions');
    await check('get', session, own);
    await check('patch', session, own, { name: 'y' });
    const events = await check('get', `${session}/history`, `${own}/history?include=events`);
    expect(new Set(events.map(({ type }: { type: string }) => type))).toEqual(
      new Set(['TextMessage', 'ThoughtEvent']),
    );
    const turns = await check('get', `${session}/turns`, `${own}/turns`);
    expect(turns.map(({ status }: { status: string }) => status)).toEqual([
      'completed',
      'failed',
      'completed',
    ]);
    for (const { id: turn } of turns) await check('get', `${session}/turns/{turn}`, `${own}/turns/${turn}`);
    const failed = `${own}/turns/${turns[1].id}`;
    await check('post', `${session}/turns/{turn}/cancel`, `${failed}/cancel`);
    await check('post', `${session}/turns/{turn}/retry`, `${failed}/retry`);
    await check('get', '/healthz', '/healthz');
    await check('get', '/readyz', '/readyz');

    await check('get', session, '/api/sessions/x');
    await check('post', `${session}/chat`, `${own}/chat`, {});
    await check('get', '/api/sessions', '/api/sessions?limit=0');
    await check('delete', session, own);
    await check('delete', session, own);

    expect([...seen].sort()).toEqual(
      operations()
        .map(({ path, method }) => `${method} ${path}`)
        .sort(),
    );
  });
});
