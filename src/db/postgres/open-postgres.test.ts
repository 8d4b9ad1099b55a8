import { describe, expect, test } from 'bun:test';
import { sql } from 'drizzle-orm';
import { testServerUrl } from '../../testing/databases.ts';
import { databaseErrorCode } from '../errors.ts';
import { openPostgres } from './open-postgres.ts';

describe.skipIf(testServerUrl === undefined)('a PostgreSQL connection', () => {
  test('that was ended in the middle of an answer leaves nothing of it to the next ones', async () => {
    const { db, close } = openPostgres({ url: testServerUrl ?? '', poolMax: 1, prepare: true });
    const numbers = () => db.select({ n: sql<number>`n` }).from(sql`generate_series(1, 3) as n`).execute();
    // Thousands of rows have been sent by then.
    const ended = db
      .select({
        n: sql`case n when 100000 then pg_terminate_backend(pg_backend_pid())::text else n::text end`,
      })
      .from(sql`generate_series(1, 200000) as n`);
    expect(await ended.execute().catch(databaseErrorCode)).toMatch(/^(57P01|CONNECTION_CLOSED)$/);
    for (let again = 0; again < 3; again++) expect(await numbers()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    await close();
  });
});
