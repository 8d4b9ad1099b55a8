// Files in and out, over real HTTP: what is stored comes back byte for byte, and nothing in it does anything.
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { expectInvalid, expectProblem } from '../../testing/expect-problem.ts';
import { newOwner } from '../../testing/owners.ts';
import { testApp } from '../../testing/test-app.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const random = (size: number) => crypto.getRandomValues(new Uint8Array(size));
const large = new Uint8Array(Array.from({ length: 20 }, () => [...random(50_000)]).flat());
const png = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);

onEachDatabase('files', (open) => {
  let database: Database;
  let app: Awaited<ReturnType<typeof testApp>>;
  let server: Bun.Server<undefined>;
  const most = 2 * 1024 ** 2;

  beforeAll(async () => {
    database = await open();
    app = await testApp(database, { settings: { maxFileBytes: most } });
    server = Bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 0, fetch: app.app.fetch });
  });
  afterAll(() => server.stop(true));

  const at = (path: string) => new URL(path, server.url);
  const send = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
    fetch(at('/api/files'), { method: 'POST', body: body ?? null, headers });
  const sendNamed = (body: RequestInit['body'], name: string) =>
    send(body, { 'x-file-name': encodeURIComponent(name) });
  const get = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(at(`/api/files/${id}`), { method, headers });
  const stored = async (owner = app.owner) => {
    const [row] = await database.db
      .select({
        files: sql<number>`(select count(*)::int from chat_files where owner_id = ${owner})`,
        pieces: sql<number>`(select count(*)::int from chat_file_pieces where owner_id = ${owner})`,
      })
      .from(sql`(values (1)) as once`);
    return row;
  };

  test('come back byte for byte, whichever way they are sent', async () => {
    const form = new FormData();
    form.append('note', 'not a file');
    form.append('file', new Blob([large], { type: 'text/html' }), '报告 "1".bin');
    for (const answer of [await send(form), await sendNamed(large, '报告 "1".bin')]) {
      expect(answer.status).toBe(201);
      const file = await answer.json();
      expect(file).toEqual({
        id: expect.any(String),
        name: '报告 "1".bin',
        media_type: 'application/octet-stream',
        size: large.length,
        text: null,
        sha256: sha256(large),
        created_at: expect.any(String),
      });
      expect(answer.headers.get('location')).toBe(`/api/files/${file.id}`);
      const sent = await get(file.id);
      expect(sha256(await sent.bytes())).toBe(file.sha256);
    }
  });

  test('are what their bytes say, and a browser never runs them', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
    const html = '<!doctype html><script>alert(1)</script>';
    const mixed = new Uint8Array([...png, ...new TextEncoder().encode(html)]);
    const cases: [body: string | Uint8Array<ArrayBuffer>, name: string, declared: string, type: string][] = [
      [svg, 'a.svg', 'image/svg+xml', 'text/plain'],
      [html, 'a.html', 'text/html', 'text/plain'],
      [html, 'a.png', 'image/png', 'text/plain'],
      [mixed, 'a.html', 'text/html', 'image/png'],
      [new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), 'x', 'text/html', 'image/jpeg'],
      ['GIF89a=1;alert(1)', 'a.js', 'text/javascript', 'image/gif'],
      ['RIFFxxxxWEBPVP8 ', 'a', '', 'image/webp'],
      ['%PDF-1.7\n', 'a.txt', 'text/plain', 'application/pdf'],
      ['a,b\n1,2\n', 'a.CSV', 'application/x-msdownload', 'text/csv'],
      ['# hi', 'a.md', '', 'text/markdown'],
      ['{}', 'a.json', 'text/html', 'application/json'],
      ['{}', 'a', 'application/json', 'text/plain'],
      [new Uint8Array([0xff, 0xfe, 0x41, 0]), 'a.txt', '', 'text/plain'],
      [new Uint8Array([0x41, 0, 0x42]), 'a.txt', 'text/plain', 'application/octet-stream'],
      [new Uint8Array([0x41, 0xc3]), 'a.txt', 'text/plain', 'application/octet-stream'],
      ['PK\u0003\u0004 no archive', 'a.docx', '', 'application/zip'],
      ['', 'empty', '', 'text/plain'],
    ];
    for (const [body, name, declared, type] of cases) {
      const answer = await send(body, { 'content-type': declared, 'x-file-name': name });
      const file = await answer.json();
      expect([name, answer.status, file.media_type]).toEqual([name, 201, type]);
      const sent = await get(file.id);
      const isImage = type.startsWith('image/');
      expect(sent.headers.get('content-type')?.split(';')[0]).toBe(type);
      expect(sent.headers.get('content-disposition')).toStartWith(isImage ? 'inline' : 'attachment');
      expect(sent.headers.get('content-security-policy')).toContain("sandbox; default-src 'none'");
      expect(sent.headers.get('x-content-type-options')).toBe('nosniff');
      expect(sha256(await sent.bytes())).toBe(sha256(body));
    }
  });

  test('have names, and nothing that is read as anything else', async () => {
    const names: [given: string, name: string][] = [
      ['../../etc/passwd', 'passwd'],
      ['C:\\windows\\system32\\a.dll', 'a.dll'],
      ['a"; filename="b.exe', 'a"; filename="b.exe'],
      ['a\r\nSet-Cookie: x=1', 'aSet-Cookie: x=1'],
      ['invoice\u202efdp.exe', 'invoicefdp.exe'],
      ['a\u0000b\u200b.txt', 'ab.txt'],
      ['你好 👩‍👩‍👧.txt', '你好 👩👩👧.txt'],
      ['100%.txt', '100%.txt'],
      ['..', 'file'],
      ['   ', 'file'],
      [`${'长'.repeat(300)}.pdf`, `${'长'.repeat(251)}.pdf`],
    ];
    for (const [given, name] of names) {
      const file = await (await sendNamed('x', given)).json();
      expect([given, file.name]).toEqual([given, name]);
      const sent = await get(file.id);
      const header = sent.headers.get('content-disposition') ?? '';
      const [, plain = '', exact = ''] =
        /^attachment; filename="([^"\\]*)"; filename\*=UTF-8''([\w%.!~*-]*)$/.exec(header) ?? [];
      expect([given, decodeURIComponent(exact)]).toEqual([given, name]);
      expect(plain).toMatch(/^[\x20-\x7e]*$/);
      expect(sent.headers.get('set-cookie')).toBeNull();
    }
    const asBytes = await send('x', { 'x-file-name': Buffer.from('报告.txt').toString('latin1') });
    expect((await asBytes.json()).name).toBe('报告.txt');
    expect((await (await send('x')).json()).name).toBe('file');
  });

  test('are sent in part, once, or not again', async () => {
    const { id, sha256: hash } = await (await sendNamed(large, 'a')).json();
    const parts: [range: string, from: number, to: number][] = [
      ['bytes=0-0', 0, 1],
      ['bytes=262143-262144', 262_143, 262_145],
      ['bytes=999990-', 999_990, 1_000_000],
      ['bytes=-10', 999_990, 1_000_000],
      ['bytes=100-99999999', 100, 1_000_000],
    ];
    for (const [range, from, to] of parts) {
      const sent = await get(id, { range });
      expect([range, sent.status, sent.headers.get('content-range')]).toEqual([
        ...[range, 206, `bytes ${from}-${to - 1}/1000000`],
      ]);
      expect(sha256(await sent.bytes())).toBe(sha256(large.subarray(from, to)));
    }
    for (const range of ['bytes=5-2', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=-', 'x']) {
      const sent = await get(id, { range });
      expect([range, sent.status, (await sent.bytes()).length]).toEqual([range, 200, 1_000_000]);
    }
    for (const range of ['bytes=1000000-', 'bytes=-0']) {
      const refused = await get(id, { range });
      expect(refused.headers.get('content-range')).toBe('bytes */1000000');
      await expectProblem(refused, 416);
    }
    const etag = `"${hash}"`;
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*'])
      expect([known, (await get(id, { 'if-none-match': known })).status]).toEqual([known, 304]);
    expect((await get(id, { 'if-none-match': '"x"' })).status).toBe(200);
    expect((await get(id, { range: 'bytes=0-0', 'if-range': '"x"' })).status).toBe(200);
    expect((await get(id, { range: 'bytes=0-0', 'if-range': etag })).status).toBe(206);
    const head = await get(id, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      '1000000',
      etag,
    ]);
    expect((await head.bytes()).length).toBe(0);
    const { id: empty } = await (await sendNamed('', 'empty')).json();
    expect((await (await get(empty)).bytes()).length).toBe(0);
    await expectProblem(await get(empty, { range: 'bytes=0-0' }), 416);
  });

  test('are as large as they may be, and not one byte more', async () => {
    const whole = new Uint8Array(most);
    expect((await sendNamed(whole, 'a')).status).toBe(201);
    const form = (bytes: Uint8Array<ArrayBuffer>) => {
      const body = new FormData();
      body.append('file', new Blob([bytes]), 'a');
      return body;
    };
    expect((await send(form(whole))).status).toBe(201);
    const before = await stored();
    const over = new Uint8Array(most + 1);
    const untold = new Blob([over]).stream();
    for (const body of [over, untold, form(over), form(new Uint8Array(most + 100_000))]) {
      const { detail } = await expectProblem(await send(body), 413);
      expect(detail).toContain(String(most));
    }
    expect(await stored()).toEqual(before);
  });

  test('that do not come whole leave nothing, whatever breaks', async () => {
    const before = await stored();
    const forms = [
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf of it',
      '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\none\r\n--x\r\nContent-Disposition: form-data; name="more"; filename="b"\r\n\r\ntwo\r\n--x--\r\n',
      '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno file\r\n--x--\r\n',
      'nothing at all',
      '',
    ];
    const statuses: number[] = [];
    for (const body of forms)
      statuses.push((await send(body, { 'content-type': 'multipart/form-data; boundary=x' })).status);
    expect(statuses).toEqual([400, 422, 422, 400, 422]);
    await expectInvalid(await app.request('/api/files', { method: 'POST' }), ['body', 'file']);
    for (const told of [{}, { 'content-length': '900000' }]) {
      const leaving = new AbortController();
      let sent = 0;
      const body = new ReadableStream({
        async pull(controller) {
          controller.enqueue(random(100_000));
          if (++sent === 5) {
            await Bun.sleep(50);
            leaving.abort();
          }
        },
      });
      const request = fetch(at('/api/files'), {
        method: 'POST',
        body,
        headers: told,
        signal: leaving.signal,
      });
      await expect(request).rejects.toThrow();
    }
    const deadline = performance.now() + 10_000;
    while (JSON.stringify(await stored()) !== JSON.stringify(before) && performance.now() < deadline)
      await Bun.sleep(10);
    expect(await stored()).toEqual(before);
  });

  test('are nobody’s but their owner’s, and a viewer’s to read', async () => {
    const { id } = await (await sendNamed('secret', 'a')).json();
    const other = app.calledBy(await newOwner(database));
    await expectProblem(await other.get(`/api/files/${id}`), 404);
    await expectProblem(await other.get(`/api/files/${crypto.randomUUID()}`), 404);
    await expectProblem(await other.get('/api/files/x'), 422);
    const viewer = app.calledBy(app.owner, 'viewer');
    expect(await (await viewer.get(`/api/files/${id}`)).text()).toBe('secret');
    await expectProblem(await viewer.request('/api/files', { method: 'POST', body: 'x' }), 403);
  });

  test('that nobody came for go after a day, and halves after an hour', async () => {
    const owner = await newOwner(database);
    const theirs = await testApp(database, { owner });
    const upload = async () =>
      (await (await theirs.request('/api/files', { method: 'POST', body: 'x' })).json()).id;
    const [old, young] = [await upload(), await upload()];
    const half = crypto.randomUUID();
    await theirs.store.files.begin({ owner, id: half }, 'half');
    await theirs.store.files.add({ owner, id: half }, 0, random(10));
    await expectProblem(await theirs.get(`/api/files/${half}`), 404);
    await theirs.store.files.sweep();
    expect(await stored(owner)).toEqual({ files: 3, pieces: 3 });
    await database.db.execute(
      sql`update chat_files set created_at = now() - interval '25 hours' where id = ${old}`,
    );
    await database.db.execute(
      sql`update chat_files set created_at = now() - interval '2 hours' where id <> ${old} and owner_id = ${owner}`,
    );
    await theirs.turns.beat();
    expect(await stored(owner)).toEqual({ files: 1, pieces: 1 });
    expect((await theirs.get(`/api/files/${young}`)).status).toBe(200);
  });
});
