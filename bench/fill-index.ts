// Fills the search's index of a database at once, as a server has it after a while.

import { openPostgres } from '../src/db/postgres/open-postgres.ts';
import { createIndexing } from '../src/db/search/search-index.ts';
import { onDatabase } from './stand.ts';

/** Its own index is made when all of it is there, which is quicker. */
export async function fillIndex(url: string): Promise<void> {
  await onDatabase(url, async (client) => {
    const [gin] = await client`select pg_get_indexdef('chat_search_parts_grams'::regclass) as made`;
    await client`drop index chat_search_parts_grams`;
    const database = openPostgres({ url, poolMax: 1, prepare: true });
    const takeIn = createIndexing(database, { quiet: 0 });
    const isBehind = async () =>
      (await client`select from chat_sessions where indexed_messages <> message_count limit 1`).length > 0;
    // The server's own rounds may be in between.
    while ((await takeIn()) || (await isBehind()));
    await database.close();
    await client.unsafe(gin?.made);
    await client`vacuum analyze`;
  });
}
