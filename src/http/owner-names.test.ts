// What an owner may be called: the same for every way in, and nothing is taken off a name to make it one.
import { beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { ownerOf } from '../access/oidc/claims.ts';
import type { Database } from '../db/database.ts';
import { onEachDatabase } from '../testing/databases.ts';
import { expectInvalid, expectProblem } from '../testing/expect-problem.ts';
import { makeKey } from '../testing/keys.ts';
import { testApp } from '../testing/test-app.ts';
import { isOwnerName } from '../words/access.ts';

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
    for (const name of [boss, 'José', '李 明', 'a\u200db', '👩‍👩‍👧', 'عمر']) {
      expect(await (await as(bytesOf(name))).json()).toMatchObject({ owner: name });
      expect(await (await speakFor(` \t${bytesOf(name)} `)).json()).toMatchObject({ owner: name });
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
