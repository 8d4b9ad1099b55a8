// Calls every operation of the API with types made of its document, and checks what comes: `bun program.ts URL`. It
// ends with a line of JSON, the operations that it called.
import { deepEqual, equal, fail, ok } from 'node:assert/strict';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import createClient from 'openapi-fetch';
import type { components, paths } from './agentchat.d.ts';

type Schemas = components['schemas'];

const baseUrl = process.argv[2] ?? '';
const called = new Set<string>();
const client = createClient<paths, `application/${string}`>({
  baseUrl,
  headers: { 'Accept-Language': 'en' },
});
client.use({
  onRequest: ({ request, schemaPath }) => {
    called.add(`${request.method.toLowerCase()} ${schemaPath}`);
  },
});

/** The data of an answer, which must be there. */
function got<T>({ data, error, response }: { data?: T; error?: unknown; response: Response }): T {
  if (data === undefined) fail(`${response.status} ${JSON.stringify(error)}`);
  ok(response.headers.get('X-Request-Id'));
  return data;
}

async function* eventsOf(body: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined) {
  const lines = body?.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  for await (const { event, id, data } of lines ?? [])
    yield { event, id, data: JSON.parse(data) } as Schemas['StreamedEvent'];
}

/** What a stream told: the reply's text, in pieces and as it is stored, and how it ended. */
async function told(body: Parameters<typeof eventsOf>[0]) {
  const seen: { turn?: string; pieces: string; reply?: string; problem?: string; end?: string } = {
    pieces: '',
  };
  for await (const event of eventsOf(body)) {
    if (event.event === 'turn') seen.turn = event.data.message.content && event.data.turn_id;
    if (event.event === 'ModelClientStreamingChunkEvent') seen.pieces += event.data.content;
    if (event.event === 'TextMessage') seen.reply = event.data.content;
    if (event.event === 'error') seen.problem = event.data.type satisfies Schemas['ProblemType'];
    if (event.event === 'done') seen.end = event.data.status;
  }
  return seen;
}

deepEqual(got(await client.GET('/healthz')), { status: 'ok' });
deepEqual(got(await client.GET('/readyz')), { status: 'ok' });

deepEqual(got(await client.GET('/history')), []);
equal(got(await client.POST('/chat', { body: { content: 'old' } })).content, 're: old');
deepEqual(
  got(await client.GET('/history', { params: { query: { limit: 5 } } })).map(({ type, meta_data }) => [
    type,
    Object.keys(meta_data),
  ]),
  [
    ['TextMessage', []],
    ['TextMessage', ['model', 'thought_seconds']],
  ],
);

const made = await client.POST('/api/sessions', { body: { name: 'Trip', metadata: { team: 'blue' } } });
const { id, message_count } = got(made);
equal(message_count, 0);
equal(
  made.response.headers.get('Location'),
  `${new URL(baseUrl).pathname.replace(/\/$/, '')}/api/sessions/${id}`,
);
equal(got(await client.POST('/api/sessions')).name, 'New session');
const path = { id };

const listed = await client.GET('/api/sessions', { params: { query: { limit: 1, q: 'trip' } } });
deepEqual(
  got(listed).map(({ name, metadata }) => [name, metadata]),
  [['Trip', { team: 'blue' }]],
);
const renamed = await client.PATCH('/api/sessions/{id}', { params: { path }, body: { name: 'Journey' } });
equal(got(renamed).name, 'Journey');

const header = { 'idempotency-key': 'once' };
const said = { params: { path, header }, body: { content: 'hi' } };
const reply = got(await client.POST('/api/sessions/{id}/chat', said));
deepEqual([reply.content, reply.role, reply.thought], ['re: hi', 'assistant', 'hm']);
equal(got(await client.POST('/api/sessions/{id}/chat', said)).id, reply.id);

const streamed = await client.POST('/api/sessions/{id}/chat', {
  params: { path, query: { stream: true } },
  body: { content: 'and' },
  parseAs: 'stream',
});
const { turn = '', ...rest } = await told(streamed.data);
deepEqual(rest, { pieces: 're: and', reply: 're: and', end: 'completed' });

const history = got(
  await client.GET('/api/sessions/{id}/history', { params: { path, query: { include: 'events' } } }),
);
deepEqual(
  history.map(({ type }) => type),
  ['TextMessage', 'ThoughtEvent', 'TextMessage', 'TextMessage', 'ThoughtEvent', 'TextMessage'],
);
const context = got(
  await client.GET('/api/sessions/{id}/context', { params: { path, query: { usage: true } } }),
);
ok(context.sent > 0 && context.estimated_tokens > 0 && context.usage);
const { agent_state, name } = got(await client.GET('/api/sessions/{id}', { params: { path } }));
deepEqual([name, agent_state.llm_context.messages.length], ['Journey', 4]);

const inTurn = (turn: string) => ({ path: { ...path, turn } });
const turnPath = '/api/sessions/{id}/turns/{turn}';
const again = await client.GET(turnPath, {
  params: inTurn(turn),
  headers: { Accept: 'text/event-stream' },
  parseAs: 'stream',
});
equal((await told(again.data)).reply, 're: and');
const shown = await client.GET(turnPath, { params: { ...inTurn(turn), query: { context: true } } });
equal(got(shown).context?.messages.at(-1)?.content, 'and');

const failed = await client.POST('/api/sessions/{id}/chat', { params: { path }, body: { content: 'break' } });
equal(failed.error?.type, 'urn:agentchat:problem:model_failed');
equal(failed.error?.status, 502);
const broken = failed.error?.turn_id ?? '';
const [newest] = got(
  await client.GET('/api/sessions/{id}/turns', { params: { path, query: { status: 'failed' } } }),
);
deepEqual([newest?.id, newest?.error?.turn_id, newest?.reply], [broken, broken, null]);
const retried = await client.POST('/api/sessions/{id}/turns/{turn}/retry', { params: inTurn(broken) });
equal(got(retried).content, 're: break');

const [, firstReply] = got(await client.GET('/api/sessions/{id}/history', { params: { path } }));
const exported = await client.GET('/api/sessions/{id}/export', {
  params: { path, query: { format: 'md' } },
  parseAs: 'text',
});
equal(String(got(exported)).startsWith('# '), true);
const share = got(await client.POST('/api/sessions/{id}/shares', { params: { path } }));
deepEqual(got(await client.GET('/api/sessions/{id}/shares', { params: { path } })), [share]);
const shared = await client.GET('/shared/{share}', {
  params: { path: { share: share.id } },
  parseAs: 'text',
});
equal(String(got(shared)).endsWith('</html>\n'), true);
await client.DELETE('/api/sessions/{id}/shares/{share}', { params: { path: { ...path, share: share.id } } });
const forked = await client.POST('/api/sessions/{id}/fork', {
  params: { path },
  body: { message_id: firstReply?.id ?? '' },
});
equal(got(forked).message_count, 2);
const inFork = { path: { id: got(forked).id } };
const elsewhere = await client.POST('/api/sessions/{id}/chat', {
  params: inFork,
  body: { content: 'again', parent_id: null },
});
equal(got(elsewhere).content, 're: again');
const [{ id: answered = '' } = {}] = got(await client.GET('/api/sessions/{id}/turns', { params: inFork }));
const answeredAgain = await client.POST('/api/sessions/{id}/turns/{turn}/regenerate', {
  params: { path: { ...inFork.path, turn: answered } },
});
equal(got(answeredAgain).content, 're: again');
const tree = got(
  await client.GET('/api/sessions/{id}/history', { params: { ...inFork, query: { all: true } } }),
);
deepEqual(
  tree.map((one) => ('versions' in one ? one.versions?.length : undefined)),
  [2, undefined, 2, 2, 2],
);
const shownFirst = await client.PATCH('/api/sessions/{id}', {
  params: inFork,
  body: { leaf_id: tree[0]?.id ?? '' },
});
equal(got(shownFirst).message_count, 5);

const hanging = await client.POST('/api/sessions/{id}/chat', {
  params: { path, query: { stream: true, on_busy: 'reject' } },
  body: { content: 'hang' },
  parseAs: 'stream',
});
const [mine, other] = hanging.data?.tee() ?? [];
for await (const { event, data } of eventsOf(other)) {
  if (event !== 'turn') continue;
  const stopped = await client.POST('/api/sessions/{id}/turns/{turn}/cancel', {
    params: inTurn(data.turn_id),
  });
  equal(got(stopped).status, 'cancelled');
}
equal((await told(mine)).end, 'cancelled');

const wrong = await client.POST('/api/sessions/{id}/chat', { params: { path }, body: { content: '' } });
if (wrong.error?.status !== 422) fail('a message without text was taken');
deepEqual(wrong.error.errors?.[0]?.loc, ['body', 'content']);

deepEqual(got(await client.GET('/api/approvals')), []);
const decided = await client.POST('/api/sessions/{id}/turns/{turn}/approvals/{approval}', {
  params: { path: { ...path, turn, approval: turn } },
  body: { decision: 'approve' },
});
equal(decided.error?.type, 'urn:agentchat:problem:approval_not_found');

deepEqual(got(await client.DELETE('/api/sessions/{id}', { params: { path } })), {
  success: true,
  message: 'Session deleted',
});
equal((await client.GET('/api/sessions/{id}', { params: { path } })).response.status, 404);

/** What the types forbid, and so is never called: a compiler that passes everything would show nothing. */
export function forbidden(event: Schemas['StreamedEvent']): unknown {
  return [
    // @ts-expect-error A message has content.
    client.POST('/chat', { body: { source: 'me' } }),
    // @ts-expect-error A session is named by its id.
    client.GET('/api/sessions/{id}', { params: { path: {} } }),
    // @ts-expect-error Nothing answers under this address.
    client.GET('/api/session'),
    // @ts-expect-error There is no such way to wait.
    client.POST('/chat', { params: { query: { on_busy: 'wait' } }, body: { content: 'hi' } }),
    // @ts-expect-error A reply has one thought, and may have none.
    reply.thoughts,
    // @ts-expect-error There is no such event.
    event.event === 'ended',
    // @ts-expect-error There is no such problem.
    wrong.error?.type === 'urn:agentchat:problem:model_fell',
  ];
}

const who = got(await client.GET('/api/me'));
deepEqual([who.owner, who.role, who.way], ['local', 'admin', 'none']);
deepEqual(got(await client.GET('/api/sign-in')).ways, ['none']);
equal((await client.POST('/api/sign-in', { body: { key: 'ack_none' } })).response.status, 401);
equal(got(await client.POST('/api/sign-out')).success, true);

const key = got(await client.POST('/api/admin/keys', { body: { owner: 'ann', role: 'viewer' } }));
ok(key.key.startsWith(key.hint));
deepEqual(
  got(await client.GET('/api/admin/keys')).map(({ id, owner, role }) => [id, owner, role]),
  [[key.id, 'ann', 'viewer']],
);
const revoked = await client.DELETE('/api/admin/keys/{id}', { params: { path: { id: key.id } } });
ok(got(revoked).revoked_at);
deepEqual(
  got(await client.GET('/api/admin/owners')).map((owner) => owner.name),
  ['ann', 'local'],
);
const [latest] = got(await client.GET('/api/admin/audit', { params: { query: { limit: 1 } } }));
deepEqual([latest?.action, latest?.target], ['key.revoked', key.id]);

deepEqual(got(await client.GET('/api/admin/sign-ins')), []);
const signedIn = await client.DELETE('/api/admin/sign-ins/{owner}', { params: { path: { owner: 'ann' } } });
equal(got(signedIn).ended, 0);

const ofAnn = { params: { path: { owner: 'ann' } } };
const limitsPath = '/api/admin/limits/{owner}';
equal(got(await client.PUT(limitsPath, { ...ofAnn, body: { running_turns: 2 } })).running_turns, 2);
equal(got(await client.GET(limitsPath, ofAnn)).running_turns, 2);
equal(got(await client.GET('/api/admin/limits')).length, 1);
equal(got(await client.DELETE(limitsPath, ofAnn)).running_turns, null);

ok(got(await client.GET('/api/usage', { params: { query: { by: 'model' } } })).total.turns > 0);

const form = new FormData();
form.append('file', new Blob(['a heron']), 'notes.txt');
const file = got(await client.POST('/api/files', { body: { file: '' }, bodySerializer: () => form }));
deepEqual([file.name, file.media_type, file.size], ['notes.txt', 'text/plain', 7]);
const ofFile = { params: { path: { id: file.id } }, parseAs: 'text' } as const;
equal(got(await client.GET('/api/files/{id}', ofFile)), 'a heron');

const [agent] = got(await client.GET('/api/agents'));
deepEqual([agent?.name, agent?.default, agent?.tools], ['assistant', true, []]);
const [model] = got(await client.GET('/api/models'));
deepEqual([model?.agents, agent?.models], [['assistant'], [model?.name]]);

const tested = {
  provider: 'OllamaChatCompletionClient',
  config: { model: 'm', host: 'http://127.0.0.1:1' },
} as const;
equal(got(await client.POST('/api/admin/models/test', { body: tested })).works, false);

console.log(JSON.stringify([...called].sort()));
