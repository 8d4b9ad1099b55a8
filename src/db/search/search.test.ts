import { beforeAll, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { onEachDatabase } from '../../testing/databases.ts';
import { newOwner } from '../../testing/owners.ts';
import type { Database } from '../database.ts';
import type { Owner, SessionKey } from '../owner.ts';
import { chatSearchParts } from '../schema.ts';
import { gramsOf, gramsToFind } from './grams.ts';
import { createSearch, type SearchTimes } from './search.ts';
import { createIndexing } from './search-index.ts';

const ample: SearchTimes = { all: 60_000, first: 60_000, each: 60_000, pause: 0 };
// The first look has no time, so that the index is asked.
const byIndex: SearchTimes = { ...ample, first: 0 };
const none: SearchTimes = { all: 0, first: 0, each: 0, pause: 0 };

onEachDatabase('the search', (open) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
  });

  // Newest first, and no two at once: one clock of theirs counts only milliseconds.
  let made = 0;
  async function addSession(owner: Owner, name: string, messages: string[] = []): Promise<string> {
    const id = randomUUID();
    await database.db.execute(sql`insert into chat_sessions (id, owner_id, name, message_count, last_seq, updated_at)
      values (${id}, ${owner}, ${name}, ${messages.length}, ${messages.length},
        now() - interval '1 hour' + ${++made} * interval '1 millisecond')`);
    await addMessages({ owner, session: id }, messages, 1);
    return id;
  }

  async function addMessages(
    { owner, session }: SessionKey,
    messages: string[],
    from: number,
  ): Promise<void> {
    await database.db.execute(sql`insert into chat_messages (owner_id, session_id, seq, id, role, source, content)
      select ${owner}, ${session}, ${from} + place::int - 1, gen_random_uuid(), 'user', 'x', content
      from json_array_elements_text(${JSON.stringify(messages)}::json) with ordinality as said (content, place)`);
  }

  async function index(owner: Owner): Promise<void> {
    const takeIn = createIndexing(database, { owner, quiet: 0 });
    while (await takeIn());
  }

  const search = async (owner: Owner, contains: string, times: SearchTimes) =>
    (await createSearch(database, times)(owner, { contains, limit: 100, offset: 0 })).sessions.map(
      ({ name }) => name,
    );

  const texts = [
    'The quick brown fox',
    'QUICK',
    'quic',
    '今天天气怎么样？',
    '天下',
    '气',
    '罕见词鼬',
    '用AI写代码',
    'AI',
    'ai生成',
    '100%',
    '100 percent',
    'snake_case',
    'snakeXcase',
    'C:\\new',
    "it's",
    '""',
    '{1,2}',
    '   ',
    ' ',
    'a',
    'ab',
    'abc',
    'İstanbul',
    'istanbul',
    'ISTANBUL',
    'ıstanbul',
    'Straße',
    'STRASSE',
    'straße',
    'ΣΊΣΥΦΟΣ',
    'σίσυφος',
    'Ёлка',
    'ёлка',
    'ÀÉÎ',
    'àéî',
    'cafe\u0301',
    'café',
    'ＡＢＣ',
    'ａｂｃ',
    '家庭 👩‍👩‍👧',
    '👧',
    '\ufeffbom',
    'mid\ufeffdle',
    '한국어',
    'ｶﾞ',
    'ガ',
    'line\nbreak',
    'tab\there',
    '💡',
    'K',
    'k',
    'ſ',
    's',
  ];

  test('finds by the index exactly what it finds without, in any script and case', async () => {
    const owner = await newOwner(database);
    for (const [at, text] of texts.entries()) {
      const isName = at % 2 === 0;
      await addSession(owner, isName ? text : `#${at}`, isName ? [] : ['…', text, 'so it was said']);
    }
    const pieces = texts.flatMap((text) => {
      const characters = [...text];
      return [text, characters.slice(0, 2).join(''), characters.slice(-3).join(''), characters.at(-1) ?? ''];
    });
    const asked = [
      ...new Set([...pieces, ...pieces.map((text) => text.toUpperCase()), 'nowhere at all', '无此词']),
    ];
    const expected: string[][] = [];
    for (const text of asked) {
      const rows = await database.db
        .select({ name: sql<string>`name` })
        .from(sql`chat_sessions as s`)
        .where(sql`owner_id = ${owner} and (strpos(lower(name), lower(${text})) > 0 or exists (
          select 1 from chat_messages where owner_id = s.owner_id and session_id = s.id and strpos(lower(content), lower(${text})) > 0))`)
        .orderBy(sql`updated_at desc, id desc`);
      expected.push(rows.map(({ name }) => name));
    }
    for (const round of ['before', 'after']) {
      if (round === 'after') await index(owner);
      for (const [at, text] of asked.entries()) {
        for (const times of [ample, byIndex]) {
          const found = await search(owner, text, times);
          // PGlite reads away what stands at the beginning of a text and has no width.
          expect({ round, text, found }).toEqual({ round, text, found: expected[at] ?? [] });
        }
      }
    }
  }, 120_000);

  test('knows a character and its other case by one gram', async () => {
    const rows = await database.db
      .select({ upper: sql<string>`c`, lower: sql<string>`lower(c)` })
      .from(
        sql`(select chr(n) as c from generate_series(1, 70000) as n where n not between 55296 and 57343) as one`,
      )
      .where(sql`lower(c) <> c`);
    expect(rows.length).toBeGreaterThan(20);
    for (const { upper, lower } of rows)
      expect({ upper, grams: gramsOf('x', `${upper}气`) }).toEqual({
        upper,
        grams: gramsOf('x', `${lower}气`),
      });
  });

  test('asks the index for a few grams of a long text, from all over it', async () => {
    const owner = await newOwner(database);
    const long = Array.from({ length: 200 }, (_, n) => String.fromCodePoint(0x4e00 + n * 31)).join('');
    const asked = gramsToFind('somebody', long);
    expect(asked.length).toBe(24);
    expect(gramsOf('somebody', long)).toEqual(expect.arrayContaining(asked));
    const ends = [long.slice(0, 20), long.slice(-20)];
    for (const end of ends)
      expect(gramsOf('somebody', end).filter((gram) => asked.includes(gram)).length).toBeGreaterThan(0);
    for (const text of ['天', '天气', 'fox', long.slice(0, 12)])
      expect(gramsToFind('somebody', text)).toEqual(gramsOf('somebody', text));
    await addSession(owner, 'long', ['…', `before ${long} after`]);
    await addSession(owner, 'half', [long.slice(0, 100)]);
    await index(owner);
    expect(await search(owner, long, byIndex)).toEqual(['long']);
  });

  test('sees at once what was said, renamed or deleted after the index had it', async () => {
    const owner = await newOwner(database);
    const id = await addSession(owner, 'kingfisher', ['a heron stood there']);
    await index(owner);
    expect(await search(owner, 'heron', byIndex)).toEqual(['kingfisher']);
    await addMessages({ owner, session: id }, ['then an egret came'], 2);
    await database.db.execute(sql`update chat_sessions set message_count = 2 where id = ${id}`);
    expect(await search(owner, 'egret', byIndex)).toEqual(['kingfisher']);
    await index(owner);
    expect(await search(owner, 'egret', byIndex)).toEqual(['kingfisher']);
    await database.db.execute(
      sql`update chat_sessions set name = 'cormorant', indexed_messages = -1 where id = ${id}`,
    );
    for (const round of ['before', 'after']) {
      if (round === 'after') await index(owner);
      expect(await search(owner, 'cormorant', byIndex)).toEqual(['cormorant']);
      expect(await search(owner, 'kingfisher', byIndex)).toEqual([]);
    }
    await database.db.execute(sql`delete from chat_sessions where id = ${id}`);
    expect(await database.db.$count(chatSearchParts, sql`session_id = ${id}`)).toBe(0);
  });

  test('has long messages in parts, and finds what stands across two of them', async () => {
    const owner = await newOwner(database);
    const long = Array.from({ length: 30_000 }, (_, n) =>
      String.fromCodePoint(0x4e00 + ((n * 7) % 20_000)),
    ).join('');
    await addSession(owner, 'long', [long, 'short']);
    await index(owner);
    for (const at of [0, 4000, 4090, 4096, 8190, 29_800])
      expect(await search(owner, long.slice(at, at + 200), byIndex)).toEqual(['long']);
    expect(await search(owner, `${long.slice(100, 150)}x`, byIndex)).toEqual([]);
  }, 60_000);

  test('has every message of a session that is taken in little by little', async () => {
    const owner = await newOwner(database);
    const said = (from: number) => Array.from({ length: 450 }, (_, n) => `no. ${from + n};`);
    const ids = [await addSession(owner, 'one', said(1000)), await addSession(owner, 'other', said(2000))];
    await index(owner);
    const counts = await Promise.all(
      ids.map((id) => database.db.$count(chatSearchParts, sql`session_id = ${id} and seq > 0`)),
    );
    expect(counts).toEqual([450, 450]);
    for (const [text, name] of [
      ['no. 1199;', 'one'],
      ['no. 1449;', 'one'],
      ['no. 2001;', 'other'],
      ['no. 2449;', 'other'],
    ] as const)
      expect(await search(owner, text, byIndex)).toEqual([name]);
  });

  test('keeps owners apart', async () => {
    const [one, other] = [await newOwner(database), await newOwner(database)];
    await addSession(one, 'mine', ['a secret heron']);
    await index(one);
    for (const times of [ample, byIndex]) {
      expect(await search(one, 'heron', times)).toEqual(['mine']);
      expect(await search(other, 'heron', times)).toEqual([]);
    }
  });

  describe('that has no time', () => {
    test('ends pages early and gets through all the same, within one session too', async () => {
      const owner = await newOwner(database);
      const find = createSearch(database, none);
      for (let n = 0; n < 6; n++) {
        const said = Array.from({ length: 4 }, (_, at) => (at === n % 5 ? 'a heron' : 'nothing'));
        await addSession(owner, `${n}`, said);
      }
      await addSession(owner, 'heron 6');
      for (const [limit, offset, expected] of [
        [10, 0, ['heron 6', '5', '3', '2', '1', '0']],
        [1, 0, ['heron 6', '5', '3', '2', '1', '0']],
        [2, 3, ['2', '1', '0']],
      ] as const) {
        const found: string[] = [];
        let at: Awaited<ReturnType<typeof find>>['next'];
        let pages = 0;
        do {
          const page = await find(owner, {
            contains: 'HERON',
            limit,
            offset: at ? at.offset : offset,
            after: at,
          });
          expect(page.sessions.length).toBeLessThanOrEqual(limit);
          found.push(...page.sessions.map(({ name }) => name));
          at = page.next;
          expect(++pages).toBeLessThan(200);
        } while (at);
        expect(found).toEqual([...expected]);
      }
    });
  });
});
