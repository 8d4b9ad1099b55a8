// The chat page as it is built and served: names, sizes, caching, compression, and what it may load.
import { beforeAll, describe, expect, test } from 'bun:test';
import { gunzipSync } from 'node:zlib';
import { zhCn } from '../../../static/texts/zh-cn.ts';
import { hashOfSources } from '../../cli/serve/page-build.ts';
import { keptOrBuilt } from '../../cli/serve/page-files.ts';
import type { Database } from '../../db/database.ts';
import { onEachDatabase } from '../../testing/databases.ts';
import { testApp } from '../../testing/test-app.ts';

/** What the index names, and what that loads before anything else, the words of one language too. */
async function firstLoad() {
  const { files } = await keptOrBuilt();
  const text = (name: string) => new TextDecoder().decode(files.get(name)?.body);
  const names = new Set(['index.html']);
  for (const name of names) {
    for (const [, found = ''] of text(name).matchAll(/(?:src|href)="\.\/static\/([^"]+)"/g)) names.add(found);
    if (name.endsWith('.js'))
      for (const [, found = ''] of text(name).matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g))
        names.add(found);
  }
  const words = [...files.keys()].find((name) => name.endsWith('.js') && text(name).includes(zhCn.welcome));
  if (words === undefined) throw new Error('no file has the words');
  return [...names.add(words)].map((name) => {
    const file = files.get(name);
    return { name, bytes: (file?.gzip ?? file?.body)?.length ?? 0 };
  });
}

describe('the built page', () => {
  test('each page begins with the head that all have', async () => {
    const { files } = await keptOrBuilt();
    for (const page of ['index.html', 'admin.html', 'reference.html']) {
      const text = new TextDecoder().decode(files.get(page)?.body);
      for (const once of ['<meta charset="utf-8">', 'name="viewport"', 'name="color-scheme"', 'rel="icon"'])
        expect([page, once, text.split(once).length - 1]).toEqual([page, once, 1]);
      // Where browsers look for it.
      expect(text.indexOf('charset')).toBeLessThan(200);
    }
  });

  test('its first load is under 90 kB, without highlighting, math and what tools did', async () => {
    const loaded = await firstLoad();
    expect(loaded.map(({ name }) => name).filter((name) => /\.(js|css)$/.test(name)).length).toBeGreaterThan(
      1,
    );
    const size = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
    console.log(
      `The page's first load: ${(size / 1000).toFixed(1)} kB compressed, in ${loaded.length} files.`,
    );
    expect(size).toBeLessThan(90_000);
    const { files } = await keptOrBuilt();
    const later = [...files.keys()].filter(
      (name) => name.endsWith('.js') && !loaded.some((one) => one.name === name),
    );
    expect(later.length).toBeGreaterThan(1);
  });

  test('is built once for the same sources', async () => {
    const [one, other] = await Promise.all([keptOrBuilt(), keptOrBuilt()]);
    expect([...one.files.keys()].sort()).toEqual([...other.files.keys()].sort());
    expect((await keptOrBuilt()).built).toBe(false);
    expect(await hashOfSources()).toBe(await hashOfSources());
  });

  test('has nothing in it that is not a file of its own', async () => {
    const { files } = await keptOrBuilt();
    const index = new TextDecoder().decode(files.get('index.html')?.body);
    expect(index).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?:/);
    for (const [, name = ''] of index.matchAll(/(?:src|href)="\.\/static\/([^"]+)"/g))
      expect([name, files.has(name)]).toEqual([name, true]);
  });
});

onEachDatabase('the page', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  test('is served with a strict policy, always asked for again; its hashed files are kept for ever', async () => {
    const app = await testApp(database);
    const page = await app.get('/');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).toContain("form-action 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    const [, script = ''] = /src="\.(\/static\/main-[^"]+)"/.exec(await page.text()) ?? [];
    const served = await app.get(script);
    expect(served.status).toBe(200);
    expect(served.headers.get('content-type')).toStartWith('text/javascript');
    expect(served.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const again = await app.get('/', { 'if-none-match': page.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
  });

  test('its frames may show what it asks them to, and run nothing', async () => {
    const app = await testApp(database);
    const policies = [];
    for (const name of ['picture', 'preview']) {
      const frame = await app.get(`/static/${name}.html`);
      expect(await frame.text()).not.toMatch(/<script|<link|<style/);
      policies.push(frame.headers.get('content-security-policy') ?? '');
    }
    for (const policy of policies) {
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).not.toMatch(/script-src|connect-src|frame-src|\*/);
    }
    expect(policies[0]).not.toContain('style-src');
    expect(policies[1]).not.toMatch(/https?:/);
  });

  test('is compressed for those who take it, and only for them', async () => {
    const app = await testApp(database);
    const plain = await app.get('/');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('vary')).toContain('Accept-Encoding');
    for (const [accepted, encoding] of [
      ['gzip', 'gzip'],
      ['br;q=1.0, gzip;q=0.5', 'gzip'],
      ['*', 'gzip'],
      ['gzip;q=0', null],
      ['identity', null],
    ] as const) {
      const response = await app.get('/', { 'accept-encoding': accepted });
      expect([accepted, response.headers.get('content-encoding')]).toEqual([accepted, encoding]);
      if (encoding === null) continue;
      expect(gunzipSync(await response.arrayBuffer()).toString()).toBe(await (await app.get('/')).text());
      const tag = response.headers.get('etag') ?? '';
      expect((await app.get('/', { 'accept-encoding': accepted, 'if-none-match': tag })).status).toBe(304);
    }
  });
});
