// What an owner may be called: the same for every way in, and nothing is taken off a name to make it one.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { ownerOf } from '../access/oidc/claims.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';
import { isOwnerName } from '../words/owner-name.ts';

const bytesOf = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

/** Names that nobody has, each from the name of somebody. */
const unfit = (name: string): string[] => [
  ...['\u00a0', '\u3000', '\u2028', '\ufeff', '\u200b', '\u2060', '\u00ad', '\u3164'].flatMap((unseen) => [
    unseen + name,
    name + unseen,
    unseen,
  ]),
  ...['\u202e', '\u2066', '\u0085', '\ufffd'].map((control) => `${name}${control}x`),
];

onEachDatabase('a name', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  async function asked() {
    const boss = randomUUID();
    const settings = {
      ways: ['proxy', 'keys'] as const,
      admins: [boss],
      proxy: { header: 'x-forwarded-user', from: ['10.0.0.0/8'] },
    };
    const { app } = await testApp(database, { settings });
    const call = async (path: string, headers: Record<string, string>, method = 'GET', body?: object) =>
      app.request(
        path,
        {
          method,
          headers: { ...headers, 'content-type': 'application/json' },
          ...(body ? { body: JSON.stringify(body) } : {}),
        },
        { address: '10.0.0.1' },
      );
    const { key } = await makeKey(database, { role: 'service' });
    return {
      call,
      boss,
      as: (user: string) => call('/api/me', { 'x-forwarded-user': user }),
      speakFor: (owner: string) => call('/api/me', { authorization: `Bearer ${key}`, 'x-owner': owner }),
    };
  }

  test('in a header is UTF-8, as it is written, or names nobody', async () => {
    const { as, speakFor, boss } = await asked();
    for (const name of unfit(boss)) {
      expect(isOwnerName(name)).toBe(false);
      await expectProblem(await as(bytesOf(name)), 401);
      await expectInvalid(await speakFor(bytesOf(name)), ['header', 'x-owner']);
    }
    // Latin-1, as `fetch` writes it.
    for (const name of [`\u00a0${boss}`, `${boss}\u00a0`, `\u0085${boss}`, 'José', `${boss}\u00c3`]) {
      await expectProblem(await as(name), 401);
      expect(await expectInvalid(await speakFor(name), ['header', 'x-owner'])).toContain('UTF-8');
    }
    for (const name of [boss, 'José', '李 明', 'a\u200db', '👩‍👩‍👧', 'عمر', '❤️', '渡辺\u{e0100}', '🏃‍♂️']) {
      expect(await (await as(bytesOf(name))).json()).toMatchObject({ owner: name });
      expect(await (await speakFor(` \t${bytesOf(name)} `)).json()).toMatchObject({ owner: name });
    }
  });

  test('is nobody’s but that of who is called exactly so, however alike they look', async () => {
    const { call, as, boss } = await asked();
    const admin = { 'x-forwarded-user': boss };
    const alike = [
      ...['❤', '❤️', '❤︎', '⭐', '⭐️'],
      ...['é', 'e\u0301', 'Å', '\u212b', 'K', '\u212a', 'k', 'ﬁ', 'fi', 'İ', 'i\u0307', 'ß', 'ss'],
      ...['辺', '辺\u{e0100}', '辺\u{e0101}', '神', '神\ufe00', '\ufa19', 'ｘ', 'x', 'х'],
      ...['🏴', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', 'ത', 'ത്', 'ത്\u200d', 'ൽ', 'ാ', 'a b', 'a  b', 'a\u00a0b', 'a\u200bb', 'ab'],
    ];
    const prefix = randomUUID();
    const names = alike.map((end) => `${prefix} ${end}`);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) {
      const made = await call('/api/sessions', { 'x-forwarded-user': bytesOf(name) }, 'POST', {});
      expect(made.status).toBe(201);
    }
    for (const name of names) {
      expect(await (await as(bytesOf(name))).json()).toMatchObject({ owner: name });
      const own = await call('/api/sessions', { 'x-forwarded-user': bytesOf(name) });
      expect(await own.json()).toHaveLength(1);
      const body = { owner: name };
      expect(await (await call('/api/admin/keys', admin, 'POST', body)).json()).toMatchObject(body);
      const path = `/api/admin/limits/${encodeURIComponent(name)}`;
      expect(await (await call(path, admin, 'PUT', { running_turns: 1 })).json()).toMatchObject(body);
    }
    const owners = await (await call(`/api/admin/owners?limit=100&q=${prefix}`, admin)).json();
    expect(new Set(owners.map((one: { name: string }) => one.name))).toEqual(new Set(names));
  });

  test('that is refused is told why, in the caller’s language', async () => {
    const { call, speakFor, boss } = await asked();
    const admin = { 'x-forwarded-user': boss };
    for (const [owner, en, zh] of [
      ['alice\ufe0f', 'ends with a space, or a character that cannot be seen there', '结尾'],
      [' alice', 'begins with a space', '开头'],
      ['\u0301', 'begins with a mark', '附加'],
      ['a\u202eb', 'turns the direction of text', '文字方向'],
      ['a\tb', 'control character', '控制字符'],
      ['*', 'must not be *', '所有人'],
    ] as const) {
      for (const [language, why] of [
        ['en', en],
        ['zh-CN', zh],
      ] as const) {
        const asking = { ...admin, 'accept-language': language };
        const answer = await call('/api/admin/keys', asking, 'POST', { owner });
        expect(await expectInvalid(answer, ['body', 'owner'])).toContain(why);
      }
      // What stands around a header's value is not of it.
      if (owner.trim() === owner)
        expect(await expectInvalid(await speakFor(bytesOf(owner)), ['header', 'x-owner'])).toContain(en);
      expect(ownerOf({ sub: owner }, { ownerClaim: 'sub' })).toMatchObject({
        reason: expect.stringContaining(en),
      });
    }
  });

  test('in a claim, a body and an address is one by the same rule', async () => {
    const { call, boss } = await asked();
    const admin = { 'x-forwarded-user': boss };
    const name = randomUUID();
    for (const wrong of [...unfit(name), '', ' ', ` ${name}`, `${name} `, '\u001b', '*']) {
      expect(ownerOf({ sub: wrong }, { ownerClaim: 'sub' })).toMatchObject({ reason: expect.any(String) });
      await expectInvalid(await call('/api/admin/keys', admin, 'POST', { owner: wrong }), ['body', 'owner']);
      if (wrong === '') continue;
      const path = `/${encodeURIComponent(wrong)}`;
      await expectInvalid(await call(`/api/admin/sign-ins${path}`, admin, 'DELETE'), ['path', 'owner']);
      if (wrong === '*') continue;
      for (const method of ['GET', 'DELETE', 'PUT']) {
        const body = method === 'PUT' ? { turns_per_day: 1 } : undefined;
        await expectInvalid(await call(`/api/admin/limits${path}`, admin, method, body), ['path', 'owner']);
      }
    }
    expect((await call('/api/admin/keys', admin, 'POST', { owner: name })).status).toBe(201);
  });
});
