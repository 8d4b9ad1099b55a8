import { beforeAll, expect, test } from 'bun:test';
import type { Database } from '../../db/database.ts';
import { type ApiDocument, operationsOf, schemasIn } from '../../testing/api-document.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { schemaFaults } from '../../testing/json-schema.ts';
import { testApp } from '../../testing/test-app.ts';
import { problemKinds } from '../problem-kinds.ts';

onEachDatabase('the API’s document', (open) => {
  let database: Database;
  let document: ApiDocument;
  beforeAll(async () => {
    database = await open();
    const app = await testApp(database);
    document = await (await app.get('/openapi.json')).json();
  });

  const operations = () => operationsOf(document);

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
        // The ways to a provider and back are a browser's, no program's.
        .filter(({ path }) => !path.startsWith('/api/sign-in/oidc'))
        .filter(
          ({ method, path }) =>
            method !== 'ALL' && /^\/(api|chat|history|healthz|readyz|shared)\b/.test(path),
        )
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
        } else if (['stream', 'context', 'outcomes', 'all', 'shown', 'usage'].includes(name))
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
      anyOf: [{ type: 'string', minLength: 0, maxLength: 262_144 }, { type: 'array' }],
    });
    expect(NewMessage?.properties?.files).toMatchObject({ items: { format: 'uuid' }, maxItems: 20 });
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

  test('names each operation, once and for ever: generated clients have functions of these names', () => {
    expect(
      operations()
        .map(({ method, path, operation }) => `${operation.operationId}: ${method} ${path}`)
        .sort(),
    ).toEqual([
      'cancelTurn: post /api/sessions/{id}/turns/{turn}/cancel',
      'checkHealth: get /healthz',
      'checkReadiness: get /readyz',
      'createKey: post /api/admin/keys',
      'createSession: post /api/sessions',
      'createShare: post /api/sessions/{id}/shares',
      'decideApproval: post /api/sessions/{id}/turns/{turn}/approvals/{approval}',
      'deleteSession: delete /api/sessions/{id}',
      'deleteShare: delete /api/sessions/{id}/shares/{share}',
      'endSignIns: delete /api/admin/sign-ins/{owner}',
      'exportSession: get /api/sessions/{id}/export',
      'forkSession: post /api/sessions/{id}/fork',
      'getFile: get /api/files/{id}',
      'getHistory: get /api/sessions/{id}/history',
      'getHistoryOfNewest: get /history',
      'getLimits: get /api/admin/limits/{owner}',
      'getMe: get /api/me',
      'getSession: get /api/sessions/{id}',
      'getSessionContext: get /api/sessions/{id}/context',
      'getShared: get /shared/{share}',
      'getTurn: get /api/sessions/{id}/turns/{turn}',
      'getUsage: get /api/usage',
      'listAgents: get /api/agents',
      'listApprovals: get /api/approvals',
      'listAudit: get /api/admin/audit',
      'listKeys: get /api/admin/keys',
      'listLimits: get /api/admin/limits',
      'listModels: get /api/models',
      'listOwners: get /api/admin/owners',
      'listSessions: get /api/sessions',
      'listShares: get /api/sessions/{id}/shares',
      'listSignInWays: get /api/sign-in',
      'listSignIns: get /api/admin/sign-ins',
      'listTurns: get /api/sessions/{id}/turns',
      'regenerateTurn: post /api/sessions/{id}/turns/{turn}/regenerate',
      'removeLimits: delete /api/admin/limits/{owner}',
      'retryTurn: post /api/sessions/{id}/turns/{turn}/retry',
      'revokeKey: delete /api/admin/keys/{id}',
      'sendMessage: post /api/sessions/{id}/chat',
      'sendMessageToNewest: post /chat',
      'setLimits: put /api/admin/limits/{owner}',
      'signIn: post /api/sign-in',
      'signOut: post /api/sign-out',
      'testModel: post /api/admin/models/test',
      'updateSession: patch /api/sessions/{id}',
      'uploadFile: post /api/files',
    ]);
    for (const { operation } of operations()) expect(operation.operationId).toMatch(/^[a-z]+([A-Z][a-z]+)*$/);
  });

  test('calls nothing required that a caller may leave out', () => {
    // What has a default, makers of types believe to be always there, in requests too.
    const withDefault = [...schemasIn(document.components)].filter(({ schema }) => 'default' in schema);
    expect(withDefault.map(({ at }) => at)).toEqual([]);
  });

  test('describes each named schema, and its examples are of their schemas', () => {
    const { schemas } = document.components;
    for (const [name, { description }] of Object.entries(schemas))
      expect([name, description]).toEqual([name, expect.stringMatching(/.{5}/)]);
    const examples = [...schemasIn(document)].filter(({ schema }) => 'example' in schema);
    expect(examples.length).toBeGreaterThan(100);
    for (const { at, schema } of examples)
      expect([at, schemaFaults(schema, schema.example, schemas)]).toEqual([at, []]);
    for (const name of ['Session', 'SessionDetail', 'NewSession', 'NewMessage', 'Message', 'Turn', 'Problem'])
      expect(schemas[name]).toHaveProperty('example');
  });

  test('tells which problems each operation may answer, and no other than there are', () => {
    const seen = new Set<string>();
    for (const { path, operation } of operations())
      for (const [status, { content = {} }] of Object.entries(operation.responses)) {
        const schema = content['application/problem+json']?.schema;
        if (!schema) continue;
        const narrowed = schema.$ref ? document.components.schemas.InvalidRequest : schema;
        const { type, status: told } = narrowed?.allOf?.[1]?.properties ?? {};
        expect([path, told?.enum]).toEqual([path, [Number(status)]]);
        for (const code of type?.enum ?? []) seen.add(String(code));
      }
    // These two no operation answers, only an address that is none.
    const ofNone = ['not_found', 'method_not_allowed'];
    expect([...seen].sort()).toEqual(
      Object.keys(problemKinds)
        .filter((code) => !ofNone.includes(code))
        .map((code) => `urn:agentchat:problem:${code}`)
        .sort(),
    );
  });

  test('documents the headers of each answer', () => {
    const { headers } = document.components;
    expect(Object.keys(headers).sort()).toEqual([
      ...[
        'Content-Disposition',
        'ETag',
        'Link',
        'Location',
        'RateLimit',
        'RateLimit-Policy',
        'Retry-After',
        'X-Request-Id',
      ],
    ]);
    for (const { path, operation } of operations())
      for (const [status, answer] of Object.entries(operation.responses)) {
        expect([path, status, ...Object.keys(answer.headers ?? {}).slice(0, 3)]).toEqual([
          ...[path, status, 'X-Request-Id', 'RateLimit-Policy', 'RateLimit'],
        ]);
        for (const [name, { $ref }] of Object.entries(answer.headers ?? {}))
          expect($ref).toBe(`#/components/headers/${name}`);
        const saysWhen = answer.headers?.['Retry-After'] !== undefined;
        if (/429|503/.test(status)) expect([path, status, saysWhen]).toEqual([path, status, true]);
        if (Number(status) < 400) expect([path, status, saysWhen]).toEqual([path, status, false]);
      }
  });
});
