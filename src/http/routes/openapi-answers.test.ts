// What the document says of answers, held against real ones of every operation.
import { beforeAll, expect, test } from 'bun:test';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { ModelError } from '../../models/model.ts';
import { type ApiDocument, operationsOf } from '../../testing/api-document.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { readEvents } from '../../testing/event-stream.ts';
import { schemaFaults } from '../../testing/json-schema.ts';
import { makeKey } from '../../testing/keys.ts';
import { callFor, say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';
import { testWorkbench } from '../../testing/workbench.ts';

/** An assistant that asks a person before it does something. */
const writing = () =>
  createAgents(
    createAssistant({
      model: scriptedModel(() => callFor([['write', '{}']], 'I will.')),
      systemMessage: null,
      contextPolicy: DEFAULT_CONTEXT_POLICY,
      workbench: testWorkbench({ write: {} }),
    }),
  );

onEachDatabase('the API’s document', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('tells each answer as it really is: status, headers, and key by key what is in it', async () => {
    let breaks = false;
    const model = scriptedModel((_, call) =>
      breaks || call === 2
        ? [{ type: 'content', text: 'par' }, new ModelError('failed', { 'zh-CN': '坏了', en: 'it broke' })]
        : say(['ok'], ['hm']),
    );
    let app = await testApp(database, { model });
    const seen = new Set<string>();
    const document: ApiDocument = await (await app.get('/openapi.json')).json();

    /** Asks, and holds the answer against what the document says of it. */
    async function check(
      method: string,
      path: string,
      at: string,
      body?: unknown,
      headers: Record<string, string> = {},
    ) {
      const response = await app.request(at, {
        method: method.toUpperCase(),
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const documented = document.paths[path]?.[method]?.responses[response.status];
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const schema = documented?.content?.[type]?.schema;
      const where = [method, path, response.status, type];
      expect([...where, schema === undefined]).toEqual([...where, false]);
      expect([...where, headerFaults(response, documented?.headers ?? {}, document)]).toEqual([...where, []]);
      const answers = type === 'text/event-stream' ? await readEvents(response) : [await response.json()];
      for (const answer of answers)
        expect([...where, schemaFaults(schema ?? {}, answer, document.components.schemas)]).toEqual([
          ...where,
          [],
        ]);
      if (response.ok) seen.add(`${method} ${path}`);
      return type === 'text/event-stream' ? answers : answers[0];
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
    const plain = app;
    app = await testApp(database, { agents: writing(), owner: plain.owner });
    const acts = await app.newSession();
    const chatting = app.send('POST', `/api/sessions/${acts}/chat`, { content: 'write' });
    while ((await (await app.get('/api/approvals')).json()).length === 0) await Bun.sleep(5);
    const [waits] = await check('get', '/api/approvals', '/api/approvals');
    const actsTurn = `/api/sessions/${acts}/turns/${waits.turn_id}`;
    await check('get', `${session}/turns/{turn}`, actsTurn);
    const decide = `${session}/turns/{turn}/approvals/{approval}`;
    await check('post', decide, `${actsTurn}/approvals/${waits.id}`, { decision: 'approve' });
    await chatting;
    const told = await check('get', `${session}/turns/{turn}`, actsTurn, undefined, {
      accept: 'text/event-stream',
    });
    expect(told.map(({ event }: { event: string }) => event)).toContain('ApprovalRequestEvent');
    const acted = await check('get', `${session}/history`, `/api/sessions/${acts}/history?include=events`);
    const asked = told.find(({ event }: { event: string }) => event === 'ApprovalRequestEvent');
    const isResult = ({ type }: { type: string }) => type === 'ToolCallExecutionEvent';
    expect(acted[acted.findIndex(isResult) - 1]).toEqual(asked.data);
    await check('get', '/history', '/history?include=events');
    await plain.send('DELETE', `/api/sessions/${acts}`, undefined);
    app = plain;
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

    const [said1] = await check('get', `${session}/history`, `${own}/history`);
    await check('post', `${session}/turns/{turn}/regenerate`, `${failed}/regenerate`);
    await check('post', `${session}/turns/{turn}/regenerate`, `${failed}/regenerate`, { model: 'none' });
    await check('post', `${session}/chat`, `${own}/chat`, { content: 'z', parent_id: null });
    await check('get', `${session}/history`, `${own}/history?all=true`);
    await check('get', `${session}/context`, `${own}/context`);
    await check('get', `${session}/context`, `${own}/context?usage=true`);
    await check('get', `${session}/context`, `${own}/context?agent=nobody`);
    await check('get', `${session}/export`, `${own}/export`);
    const share = await check('post', `${session}/shares`, `${own}/shares`);
    await check('get', `${session}/shares`, `${own}/shares`);
    await check('get', '/shared/{share}', `/shared/${share.id}?format=json`);
    await check('delete', `${session}/shares/{share}`, `${own}/shares/${share.id}`);
    await check('delete', `${session}/shares/{share}`, `${own}/shares/${share.id}`);
    await check('get', '/shared/{share}', `/shared/${share.id}`);
    await check('patch', session, own, { leaf_id: said1.id });
    await check('patch', session, own, { leaf_id: id });
    const fork = await check('post', `${session}/fork`, `${own}/fork`, { message_id: said1.id });
    await check('post', `${session}/fork`, `${own}/fork`, { message_id: id });
    await check('delete', session, `/api/sessions/${fork.id}`);

    const asEvents = { accept: 'text/event-stream' };
    const names = (events: { event: string }[]) => [...new Set(events.map(({ event }) => event))];
    const pieces = ['ThoughtStreamingChunkEvent', 'ModelClientStreamingChunkEvent'];
    const whole = ['turn', ...pieces, 'ThoughtEvent', 'TextMessage', 'done'];
    const said = await check('post', `${session}/chat`, `${own}/chat`, { content: 'x' }, asEvents);
    expect(names(said)).toEqual(whole);
    const again = `${own}/turns/${said[0].data.turn_id}`;
    expect(names(await check('get', `${session}/turns/{turn}`, again, undefined, asEvents))).toEqual(whole);
    const seenBefore = { ...asEvents, 'last-event-id': '1.0.0.0.0' };
    expect(names(await check('get', `${session}/turns/{turn}`, again, undefined, seenBefore))[0]).toBe(
      'restart',
    );
    await check('get', `${session}/turns/{turn}`, `${again}?context=true&outcomes=true`);
    const image = { data: 'iVBORw0KGgo=' };
    const messages = [
      { type: 'UserMessage', source: 'user', content: ['look', image] },
      {
        type: 'AssistantMessage',
        source: 'assistant',
        thought: 'hm',
        content: [{ id: '1', name: 'f', arguments: '{}' }],
      },
      {
        type: 'FunctionExecutionResultMessage',
        content: [{ call_id: '1', name: 'f', content: '', is_error: false }],
      },
    ];
    const agent_state = { llm_context: { messages } };
    const imported = await check('post', '/api/sessions', '/api/sessions', { agent_state });
    const all = 'history?include=events,imported';
    const history = await check('get', `${session}/history`, `/api/sessions/${imported.id}/${all}`);
    expect(history.map(({ type }: { type: string }) => type)).toEqual([
      'MultiModalMessage',
      'ThoughtEvent',
      'ToolCallRequestEvent',
      'ToolCallExecutionEvent',
    ]);
    await check('get', '/history', `/${all}`);
    await check('delete', session, `/api/sessions/${imported.id}`);
    breaks = true;
    expect(names(await check('post', '/chat', '/chat', { content: 'x' }, asEvents))).toEqual([
      'turn',
      'ModelClientStreamingChunkEvent',
      'error',
      'done',
    ]);
    const [{ id: broken }] = await check('get', `${session}/turns`, `${own}/turns?limit=1`);
    await check('post', `${session}/turns/{turn}/retry`, `${own}/turns/${broken}/retry`);
    breaks = false;
    const retried = `${own}/turns/${broken}/retry?stream=true`;
    expect(names(await check('post', `${session}/turns/{turn}/retry`, retried))).toEqual(whole);

    const named = { 'x-file-name': 'a.txt', 'content-type': 'text/plain' };
    const file = await check('post', '/api/files', '/api/files', 'a heron', named);
    await check('post', '/api/files', '/api/files');
    const form = { 'content-type': 'multipart/form-data; boundary=x' };
    await check('post', '/api/files', '/api/files', 'no form', form);
    const withFile = { content: 'x', files: [file.id] };
    await check('post', `${session}/chat`, `${own}/chat`, withFile);
    await check('post', `${session}/chat`, `${own}/chat`, withFile, asEvents);
    await check('get', `${session}/history`, `${own}/history`);
    await check('get', '/api/files/{id}', '/api/files/x');
    await check('get', '/api/files/{id}', `/api/files/${id}`);
    await check('get', '/api/files/{id}', `/api/files/${file.id}`, undefined, { range: 'bytes=9-' });
    for (const [headers, status] of [
      [{}, 200],
      [{ range: 'bytes=0-1' }, 206],
      [{ 'if-none-match': `"${file.sha256}"` }, 304],
    ] as const) {
      const sent = await app.request(`/api/files/${file.id}`, { headers });
      const documented = document.paths['/api/files/{id}']?.get?.responses[sent.status];
      expect([sent.status, headerFaults(sent, documented?.headers ?? {}, document)]).toEqual([status, []]);
    }
    seen.add('get /api/files/{id}');

    await check('get', '/api/agents', '/api/agents');
    await check('get', '/api/models', '/api/models');
    await check('get', '/api/usage', '/api/usage?by=model');
    await check('get', '/api/usage', '/api/usage?from=never');
    await check('get', '/healthz', '/healthz');
    await check('get', '/readyz', '/readyz');

    const key = { 'idempotency-key': 'k' };
    await check('post', `${session}/chat`, `${own}/chat`, { content: 'x' }, key);
    await check('post', `${session}/chat`, `${own}/chat`, { content: 'y' }, key);
    await check('post', `${session}/turns/{turn}/retry`, `${again}/retry`);
    await check('post', `${session}/turns/{turn}/cancel`, `${again}/cancel`, '{');
    await check('patch', session, own, '{}', { 'content-type': 'text/plain' });
    await check('post', '/api/sessions', '/api/sessions', { name: 'x'.repeat(17 * 1024 ** 2) });
    await check('get', session, own, undefined, { 'sec-fetch-site': 'cross-site' });
    await check('get', '/healthz', '/healthz', undefined, { host: 'elsewhere.example' });
    await check('get', '/readyz', '/readyz', undefined, { host: 'a b' });
    await check('get', `${session}/history`, `${own}/history?before=${id}`);
    await check('get', `${session}/history`, `${own}/history?limit=1`);
    await check('get', session, '/api/sessions/x');
    await check('post', `${session}/chat`, `${own}/chat`, {});
    await check('get', '/api/sessions', '/api/sessions?limit=0');
    await check('delete', session, own);
    await check('delete', session, own);

    app = await testApp(database, { settings: { ways: ['keys'] } });
    const admin = await makeKey(database, { role: 'admin' });
    const bearing = { authorization: `Bearer ${admin.key}` };
    await check('get', '/api/me', '/api/me', undefined, bearing);
    await check('get', '/api/me', '/api/me');
    await check('get', '/api/sign-in', '/api/sign-in');
    await check('post', '/api/sign-in', '/api/sign-in', { key: admin.key });
    await check('post', '/api/sign-in', '/api/sign-in', { key: 'ack_wrong' });
    await check('post', '/api/sign-out', '/api/sign-out');
    const keys = '/api/admin/keys';
    const wanted = { owner: admin.owner, name: 'ci', agents: ['assistant'] };
    const made = await check('post', keys, keys, wanted, bearing);
    await check('get', keys, keys, undefined, bearing);
    await check('delete', `${keys}/{id}`, `${keys}/${made.id}`, undefined, bearing);
    await check('delete', `${keys}/{id}`, `${keys}/${id}`, undefined, bearing);
    await check('get', '/api/admin/owners', '/api/admin/owners?limit=1', undefined, bearing);
    await check('get', '/api/admin/audit', '/api/admin/audit?limit=1', undefined, bearing);
    await check('get', keys, keys, undefined, { authorization: `Bearer ${made.key}` });
    const limits = '/api/admin/limits';
    const limitsOf = (whose: string) => `${limits}/${encodeURIComponent(whose)}`;
    await check('put', `${limits}/{owner}`, limitsOf(admin.owner), { requests_per_minute: 9000 }, bearing);
    await check('put', `${limits}/{owner}`, limitsOf(admin.owner), { turns_per_day: -1 }, bearing);
    await check('get', `${limits}/{owner}`, limitsOf(admin.owner), undefined, bearing);
    await check('get', limits, limits, undefined, bearing);
    await check('delete', `${limits}/{owner}`, limitsOf(admin.owner), undefined, bearing);
    await check('delete', `${limits}/{owner}`, `${limitsOf(admin.owner)}?key=${id}`, undefined, bearing);

    const test = '/api/admin/models/test';
    const config = { model: 'm', api_key: 'k', base_url: 'http://127.0.0.1:9/v1', max_retries: 0 };
    await check('post', test, test, { provider: 'OpenAIChatCompletionClient', config }, bearing);
    await check('post', test, test, { provider: 'Nobody', config }, bearing);

    const signIns = '/api/admin/sign-ins';
    await check('get', signIns, `${signIns}?limit=1`, undefined, bearing);
    await check('get', signIns, `${signIns}?cursor=x`, undefined, bearing);
    const ofOwner = `${signIns}/${encodeURIComponent(admin.owner)}`;
    await check('delete', `${signIns}/{owner}`, ofOwner, undefined, bearing);

    expect([...seen].sort()).toEqual(
      operationsOf(document)
        .map(({ path, method }) => `${method} ${path}`)
        .sort(),
    );
  });
});

/** What of the four headers that callers may count on is sent and not documented, or the other way round. */
function headerFaults(
  { headers }: Response,
  documented: Record<string, unknown>,
  { components }: ApiDocument,
): string[] {
  return Object.entries(components.headers).flatMap(([name, { required }]) => {
    if (headers.has(name)) return name in documented ? [] : [`${name} is sent`];
    return name in documented && required ? [`${name} is missing`] : [];
  });
}
