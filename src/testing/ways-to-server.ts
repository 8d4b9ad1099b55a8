// How a test reaches a PostgreSQL server: directly, and through a pooler in transaction mode where one is installed.
import { pgbouncerPath, startPgBouncer } from './pgbouncer.ts';

/** Where it is reached, whether statements may be prepared there, and the end of what stands in between. */
export type WayToServer = { url: string; prepare: boolean; stop(): Promise<void> };

/** Each with a name, for `describe.each`, and given the server's own URL. */
export const waysToServer: [string, (direct: string) => Promise<WayToServer>][] = [
  ['a server', async (url) => ({ url, prepare: true, stop: async () => {} })],
];
if (pgbouncerPath !== undefined) {
  waysToServer.push([
    'PgBouncer in transaction mode',
    async (direct) => ({ ...(await startPgBouncer(direct, 3)), prepare: false }),
  ]);
}
