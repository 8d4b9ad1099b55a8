// Whether the schema is what the last migration left. Development only: nothing that serves reaches drizzle-kit.
import type { Snapshot } from './snapshots.ts';

/**
 * True when src/db/schema.ts is what the last snapshot says; undefined where drizzle-kit, which can tell, is not
 * installed.
 */
export async function schemaAgrees(last: Snapshot | undefined): Promise<boolean | undefined> {
  const kit = await import('drizzle-kit/api').catch(() => undefined);
  if (!kit) return undefined;
  const schema = kit.generateDrizzleJson(await import('../../db/schema.ts'));
  if (!last) return Object.keys(schema.tables).length === 0;
  return Bun.deepEquals(withoutIds(schema), withoutIds(last));
}

function withoutIds(value: object): unknown {
  const { id, prevId, ...rest } = JSON.parse(JSON.stringify(value));
  return rest;
}
