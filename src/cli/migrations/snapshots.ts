// drizzle-kit's snapshots: what the schema was after each migration.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from './migration-files.ts';
import { migrationsFolder } from './read-migrations.ts';

const column = z.object({
  name: z.string(),
  type: z.string(),
  typeSchema: z.string().optional(),
  primaryKey: z.boolean(),
  notNull: z.boolean(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  generated: z.unknown().optional(),
  identity: z.unknown().optional(),
});

const named = z.record(z.string(), z.looseObject({ name: z.string(), columns: z.array(z.string()) }));

const table = z.looseObject({
  name: z.string(),
  schema: z.string(),
  columns: z.record(z.string(), column),
  indexes: z.record(
    z.string(),
    z.looseObject({
      name: z.string(),
      columns: z.array(z.looseObject({ expression: z.string(), isExpression: z.boolean() })),
    }),
  ),
  foreignKeys: z.record(z.string(), z.looseObject({ name: z.string(), columnsFrom: z.array(z.string()) })),
  compositePrimaryKeys: named,
  uniqueConstraints: named,
  checkConstraints: z.record(z.string(), z.looseObject({ name: z.string() })),
});

const snapshot = z.looseObject({
  id: z.string(),
  prevId: z.string(),
  tables: z.record(z.string(), table),
});

export type Snapshot = z.infer<typeof snapshot>;
export type SnapshotTable = z.infer<typeof table>;
export type SnapshotColumn = z.infer<typeof column>;

/** The schema after the migration `tag`; undefined when its snapshot is missing or damaged. */
export async function readSnapshot(tag: string, folder = migrationsFolder): Promise<Snapshot | undefined> {
  return parseSnapshot(await readFile(join(folder, snapshotFile(tag)), 'utf8').catch(() => undefined));
}

/** Undefined when there is none, or it is damaged. */
export function parseSnapshot(text: string | undefined): Snapshot | undefined {
  return snapshot.safeParse(parseJson(text)).data;
}

/** Below migrations/: `meta/0001_snapshot.json` for `0001_comments`. */
export function snapshotFile(tag: string): string {
  return `meta/${tag.split('_')[0]}_snapshot.json`;
}
