// Messages with files and images: what the model is given of them, what stays, and with whom it goes.
import { beforeAll, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { createAgents } from '../../agent/agent.ts';
import { createAssistant } from '../../agent/assistant.ts';
import { type ContextPolicy, DEFAULT_CONTEXT_POLICY } from '../../agent/context-policy.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { docx, pdf, pptx, xlsx } from '../../testing/documents.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { say, scriptedModel } from '../../testing/scripted-model.ts';
import { testApp } from '../../testing/test-app.ts';

const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 1, 2, 3]);
const data = Buffer.from(png).toString('base64');

onEachDatabase('a message with files', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function appWith(policy: ContextPolicy = DEFAULT_CONTEXT_POLICY) {
    const model = scriptedModel(() => say(['ok']));
    const app = await testApp(database, { model, systemMessage: '', contextPolicy: policy });
    const upload = async (body: string | Uint8Array<ArrayBuffer>, name: string) => {
      const headers = { 'x-file-name': encodeURIComponent(name) };
      return (await app.request('/api/files', { method: 'POST', body, headers })).json();
    };
    const chat = (id: string, body: object, headers = {}) =>
      app.send('POST', `/api/sessions/${id}/chat`, body, headers);
    /** What the model was shown last. */
    const shown = () => model.calls.at(-1)?.at(-1)?.content;
    const history = async (id: string) => (await app.get(`/api/sessions/${id}/history`)).json();
    const state = async (id: string) =>
      (await (await app.get(`/api/sessions/${id}`)).json()).agent_state.llm_context.messages;
    return { ...app, model, upload, chat, shown, history, state };
  }

  test('gives the model their text: of texts, PDF and office files', async () => {
    const { upload, chat, shown, newSession, history } = await appWith();
    const id = await newSession();
    const files = [
      await upload('the heron\nflew ```north```', 'notes.md'),
      await upload(pdf('heron at the reservoir'), 'a.pdf'),
      await upload(docx('first &lt;b&gt;', '第二段'), 'b.docx'),
      await upload(
        xlsx([
          ['name', 'count'],
          ['heron', '12'],
        ]),
        'c.xlsx',
      ),
      await upload(pptx('slide one', 'slide two'), 'd.pptx'),
      await upload(Uint8Array.from([0xff, 0xfe, 0x60, 0x4f, 0x7d, 0x59]), 'e.txt'),
    ];
    expect(files.map(({ media_type }) => media_type.split('.').at(-1))).toEqual([
      'text/markdown',
      'application/pdf',
      'document',
      'sheet',
      'presentation',
      'text/plain',
    ]);
    expect(files[0].text).toEqual({ characters: 26, cut: false });
    const reply = await chat(id, { content: 'what is in it?', files: files.map((file) => file.id) });
    expect(reply.status).toBe(200);
    expect(shown()).toBe(
      [
        'what is in it?',
        'File "notes.md" (text/markdown):\n````\nthe heron\nflew ```north```\n````',
        'File "a.pdf" (application/pdf):\n```\nheron at the reservoir\n\n\n```',
        `File "b.docx" (${files[2].media_type}):\n\`\`\`\nfirst <b>\n第二段\n\n\`\`\``,
        `File "c.xlsx" (${files[3].media_type}):\n\`\`\`\nname\tcount\nheron\t12\n\n\n\`\`\``,
        `File "d.pptx" (${files[4].media_type}):\n\`\`\`\n[1]\nslide one\n[2]\nslide two\n\n\`\`\``,
        'File "e.txt" (text/plain):\n```\n你好\n```',
      ].join('\n\n'),
    );
    const [said] = await history(id);
    expect(said.content).toBe('what is in it?');
    expect(said.files).toEqual(
      files.map(({ id, name, media_type, size, text }) => ({ id, name, media_type, size, text })),
    );
    // They are there when something else is said, too.
    await chat(id, { content: 'and?' });
    expect(JSON.stringify(shown())).not.toContain('heron');
    expect(JSON.stringify((await appWith()).model.calls)).toBe('[]');
  });

  test('shows images where they stand, in AutoGen’s form, and keeps them as files', async () => {
    const { chat, shown, newSession, history, state, get, upload, model } = await appWith();
    const id = await newSession();
    const content = ['this one', { data }, 'or that one', { data }];
    expect((await chat(id, { content, type: 'MultiModalMessage', source: 'user' })).status).toBe(200);
    expect(shown()).toEqual(content);
    const [said] = await history(id);
    expect([said.type, said.content]).toEqual(['TextMessage', 'this one\nor that one']);
    expect(
      said.files.map(({ name, media_type, size }: { [key: string]: unknown }) => [name, media_type, size]),
    ).toEqual([
      ['image-1.png', 'image/png', 12],
      ['image-2.png', 'image/png', 12],
    ]);
    expect(await (await get(`/api/files/${said.files[0].id}`)).bytes()).toEqual(png);
    expect((await state(id))[0]).toEqual({ content, source: 'user', type: 'UserMessage' });

    const picture = await upload(png, 'p.png');
    await chat(id, { content: 'and this?', files: [picture.id] });
    expect(shown()).toEqual(['and this?', { data }]);
    expect(model.calls.at(-1)?.[0]?.content).toEqual(content);
    expect((await (await get(`/api/sessions?q=that one`)).json()).length).toBe(1);
    // A list of texts alone is a text.
    await chat(id, { content: ['a', 'b'] });
    expect(shown()).toBe('a\nb');
  });

  test('is cut to what fits, says so, and leaves room for what is said', async () => {
    const { upload, chat, shown, newSession } = await appWith({ kind: 'newest_that_fit', limit: 1000 });
    const id = await newSession();
    const long = await upload('word '.repeat(100_000), 'long.txt');
    expect(long.text).toEqual({ characters: 200_000, cut: true });
    const short = await upload('the end', 'short.txt');
    await chat(id, { content: 'hi', files: [long.id, short.id] });
    const text = String(shown());
    expect(text).toContain('the end');
    const [, count = ''] =
      /\(Only the first (\d+) characters of the file are shown here\.\)/.exec(text) ?? [];
    expect(Number(count)).toBeGreaterThan(1000);
    expect(Number(count)).toBeLessThan(4000);
    const unbounded = await appWith({ kind: 'unbounded' });
    const whole = await unbounded.upload('word '.repeat(100_000), 'long.txt');
    await unbounded.chat(await unbounded.newSession(), { content: 'hi', files: [whole.id] });
    expect(String(unbounded.shown())).toContain('Only the first 200000 characters');
  });

  test('is refused where no model could take it, and says what can', async () => {
    const blind = Object.assign(
      scriptedModel(() => say(['ok'])),
      { name: 'blind', vision: false },
    );
    const policy = { systemMessage: null, contextPolicy: DEFAULT_CONTEXT_POLICY };
    const seeing = createAssistant({ name: 'painter', model: scriptedModel(() => say(['ok'])), ...policy });
    const both = createAgents(createAssistant({ model: blind, ...policy }), seeing);
    const app = await testApp(database, { agents: both });
    const id = await app.newSession();
    const upload = async (body: string | Uint8Array<ArrayBuffer>) =>
      (
        await (
          await app.request('/api/files', { method: 'POST', body, headers: { 'x-file-name': 'x' } })
        ).json()
      ).id;
    const picture = await upload(png);
    const chat = (body: object) => app.send('POST', `/api/sessions/${id}/chat`, body);
    expect(await expectInvalid(await chat({ content: 'x', files: [picture] }), ['body', 'files'])).toBe(
      'the model "blind" sees no images; these do: painter (scripted)',
    );
    await expectInvalid(await chat({ content: ['x', { data }] }), ['body', 'content']);
    expect((await chat({ content: 'x', files: [picture], agent: 'painter' })).status).toBe(200);
    // Of what was shown to another, one that sees nothing is told.
    expect((await chat({ content: 'y' })).status).toBe(200);
    expect(JSON.stringify(blind.calls.at(-1))).toContain('[Image \\"x\\": not shown]');
    // Nor is it asked again about one.
    const [{ id: turn }] = (await (await app.get(`/api/sessions/${id}/turns`)).json()).filter(
      ({ user_message }: { user_message: { files?: unknown } }) => user_message.files,
    );
    const again = (wish: object) => app.send('POST', `/api/sessions/${id}/turns/${turn}/regenerate`, wish);
    expect(await expectInvalid(await again({ agent: 'assistant' }), ['body', 'model'])).toBe(
      'the model "blind" sees no images; these do: painter (scripted)',
    );
    expect((await again({})).status).toBe(200);
    await app.send('PATCH', `/api/sessions/${id}`, { agent: 'painter' });
    expect((await chat({ content: 'x', files: [picture] })).status).toBe(200);
    for (const body of [Uint8Array.from([0, 1, 2]), 'PK\u0003\u0004', '%PDF-1.4 broken', ' '])
      expect(
        await expectInvalid(await chat({ content: 'x', files: [await upload(body)] }), ['body', 'files']),
      ).toContain('no model can take "x"');
    for (const image of ['', 'x', 'AAAA', '%%%', Buffer.from('<svg/>').toString('base64')])
      expect(await expectInvalid(await chat({ content: [{ data: image }] }), ['body', 'content'])).toContain(
        'base64',
      );
    for (const content of [[], [''], Array.from({ length: 21 }, () => ({ data }))])
      await expectInvalid(await chat({ content }), ['body', 'content']);
    await expectInvalid(await chat({ content: 'x', files: ['y'] }), ['body', 'files', 0]);
    expect((await (await app.get(`/api/sessions/${id}/history`)).json()).length).toBe(4);
  });

  test('needs no text beside them, and a session is named after the first', async () => {
    const { upload, chat, shown, newSession, get } = await appWith();
    const id = await newSession();
    await expectInvalid(await chat(id, { content: '' }), ['body', 'content']);
    await expectInvalid(await chat(id, { content: '', files: [] }), ['body', 'content']);
    const picture = await upload(png, 'heron.png');
    expect((await chat(id, { content: '', files: [picture.id] })).status).toBe(200);
    expect(shown()).toEqual([{ data }]);
    const file = await upload('the heron', 'notes.md');
    await chat(id, { content: '', files: [file.id] });
    expect(shown()).toBe('File "notes.md" (text/markdown):\n```\nthe heron\n```');
    expect((await (await get(`/api/sessions/${id}`)).json()).name).toBe('heron.png');
  });

  test('takes none of another’s, and in no session of another', async () => {
    const { upload, newSession, calledBy, chat } = await appWith();
    const file = await upload('secret', 'a.txt');
    const other = calledBy(await newOwner(database));
    const theirs = await other.newSession();
    const told = (answer: Response) => expectInvalid(answer, ['body', 'files']);
    const foreign = await told(
      await other.send('POST', `/api/sessions/${theirs}/chat`, { content: 'x', files: [file.id] }),
    );
    const unknown = crypto.randomUUID();
    const none = await told(
      await other.send('POST', `/api/sessions/${theirs}/chat`, { content: 'x', files: [unknown] }),
    );
    expect(foreign.replace(file.id, '')).toBe(none.replace(unknown, ''));
    await newSession();
    await expectProblem(await chat(theirs, { content: 'x', files: [file.id] }), 404);
    await expectProblem(await chat(theirs, { content: ['x', { data }] }), 404);
    const [row] = await database.db
      .select({
        used: sql<number>`(select count(*)::int from chat_session_files where session_id = ${theirs})`,
      })
      .from(sql`(values (1)) as once`);
    expect(row?.used).toBe(0);
  });

  test('goes with the last session that has it', async () => {
    const { upload, chat, newSession, get, send, history } = await appWith();
    const [one, two] = [await newSession(), await newSession()];
    const file = await upload('shared', 'a.txt');
    for (const id of [one, two]) await chat(id, { content: 'x', files: [file.id] });
    await chat(one, { content: ['mine', { data }] });
    const mine = (await history(one)).findLast((said: { files?: unknown }) => said.files).files[0].id;
    const unused = await upload('of nobody', 'b.txt');
    await send('DELETE', `/api/sessions/${one}`, undefined);
    expect((await get(`/api/files/${file.id}`)).status).toBe(200);
    await expectProblem(await get(`/api/files/${mine}`), 404);
    await send('DELETE', `/api/sessions/${two}`, undefined);
    await expectProblem(await get(`/api/files/${file.id}`), 404);
    expect((await get(`/api/files/${unused.id}`)).status).toBe(200);
  });

  test('that is sent again is the same turn, and its images are kept once', async () => {
    const { chat, newSession, model, owner } = await appWith();
    const id = await newSession();
    const again = { 'idempotency-key': 'k' };
    const body = { content: ['x', { data }] };
    const [first, second] = [await chat(id, body, again), await chat(id, body, again)];
    expect((await second.json()).id).toBe((await first.json()).id);
    expect(model.calls.length).toBe(1);
    await expectProblem(await chat(id, { content: ['x', { data: `${data}AAAA` }] }, again), 409);
    const [row] = await database.db
      .select({ files: sql<number>`(select count(*)::int from chat_files where owner_id = ${owner})` })
      .from(sql`(values (1)) as once`);
    expect(row?.files).toBe(1);
  });
});
