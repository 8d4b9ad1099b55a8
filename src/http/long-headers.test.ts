// Headers, addresses and queries of any length: what reads them takes one pass. A quadratic one takes minutes here.
import { beforeAll, describe, expect, test } from 'bun:test';
import { testDatabases } from '../testing/databases.ts';
import { testApp } from '../testing/test-app.ts';

const million = 1_000_000;
const fillings = {
  blanks: ' ',
  tabs: '\t',
  commas: ',',
  'commas and blanks': ', ',
  semicolons: ';',
  'semicolons and blanks': '; ',
  letters: 'q',
  digits: '0',
  'digits and dots': '0.',
  dots: '.',
  dashes: '-',
  slashes: '/',
  quotes: '"',
  equals: '=',
  stars: '*',
  percents: '%',
  'encoded bytes': '%ff',
  'weak tags': 'W/"',
  weights: ';q=0.',
  'gzip, refused': 'gzip;q=0 ,',
};
const headers = [
  'accept',
  'accept-encoding',
  'accept-language',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
  'if-none-match',
  'last-event-id',
  'origin',
  'sec-fetch-site',
  'x-request-id',
];

describe('a million of', () => {
  let app: Awaited<ReturnType<typeof testApp>>;
  let turn: string;
  beforeAll(async () => {
    const [database] = testDatabases;
    if (!database) throw new Error('there is no database to test on');
    app = await testApp(await database.open());
    turn = `/api/sessions/${await app.newSession()}/turns/${crypto.randomUUID()}`;
  });

  for (const [name, filling] of Object.entries(fillings)) {
    const many = filling.repeat(million / filling.length);

    test(`${name} in a header holds nobody up`, async () => {
      for (const header of headers) {
        for (const value of [`gzip${many}x`, `gzip;q=${many}x`, `x${many}x`]) {
          expect((await app.get('/static/index.html', { [header]: value })).status).toBeLessThan(500);
          expect((await app.get(turn, { [header]: value })).status).toBeLessThan(500);
        }
        const send = app.send('POST', '/chat?on_busy=never', '{"content":"x"}', { [header]: `x${many}x` });
        expect((await send).status).toBeLessThan(500);
      }
    }, 60_000);

    test(`${name} in an address or a query holds nobody up`, async () => {
      for (const path of [
        `/${many}x`,
        `/static/${many}x`,
        `/api/sessions/${many}/history`,
        `/api/sessions?cursor=${many}x`,
        `/api/sessions?limit=${many}x`,
        `/api/sessions?${many}=x`,
        `/history?before=${many}x`,
      ]) {
        const response = await app.get(path.replaceAll('\t', '%09').replaceAll(' ', '%20'));
        expect(response.status).toBeLessThan(500);
        await response.text();
      }
    }, 60_000);
  }
});
