import { expect, test } from 'bun:test';
import { unwritten } from '../../db/migrations/rollback.ts';
import { isSeveral, statementsOf } from '../../db/migrations/statements.ts';
import { readSnapshot } from './snapshots.ts';
import { draftWayBack } from './way-back.ts';

const snapshot = await readSnapshot('0001_comments');

function back(statement: string, files: string[] = []): string {
  const [, ...lines] = draftWayBack('0009_x', statement, { snapshot, files }).trim().split('\n');
  return lines.join('\n');
}

test.each([
  ['CREATE TABLE "a" (\n\t"id" uuid\n);', 'DROP TABLE "a";'],
  ['CREATE TABLE IF NOT EXISTS auth.users (id int)', 'DROP TABLE auth.users;'],
  ['CREATE TYPE "public"."mood" AS ENUM(\'good\', \'bad\');', 'DROP TYPE "public"."mood";'],
  ['CREATE SCHEMA "auth";', 'DROP SCHEMA "auth";'],
  ['CREATE SEQUENCE "public"."s" INCREMENT BY 1;', 'DROP SEQUENCE "public"."s";'],
  ['CREATE MATERIALIZED VIEW "v" AS (select 1);', 'DROP MATERIALIZED VIEW "v";'],
  ['CREATE INDEX "i" ON "a" USING btree ("x");', 'DROP INDEX "i";'],
  ['CREATE UNIQUE INDEX "i" ON "auth"."a" USING btree ("x");', 'DROP INDEX "auth"."i";'],
  ['ALTER TABLE "a" ADD COLUMN "b" text DEFAULT \'x, y\' NOT NULL;', 'ALTER TABLE "a" DROP COLUMN "b";'],
  ['ALTER TABLE "a" ADD COLUMN IF NOT EXISTS "b" integer;', 'ALTER TABLE "a" DROP COLUMN "b";'],
  ['CREATE UNIQUE INDEX IF NOT EXISTS "i" ON "a" ("x");', 'DROP INDEX "i";'],
  ['ALTER TABLE "a" ADD CONSTRAINT "c" CHECK (x > 0);', 'ALTER TABLE "a" DROP CONSTRAINT "c";'],
  ['ALTER TABLE "a" RENAME COLUMN "b" TO "c";', 'ALTER TABLE "a" RENAME COLUMN "c" TO "b";'],
  ['ALTER TABLE "auth"."a" RENAME TO "b";', 'ALTER TABLE "auth"."b" RENAME TO "a";'],
  ['ALTER TABLE "a" ENABLE ROW LEVEL SECURITY;', 'ALTER TABLE "a" DISABLE ROW LEVEL SECURITY;'],
  ['ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL;', 'ALTER TABLE "a" ALTER COLUMN "b" DROP NOT NULL;'],
  ['ALTER TABLE "a" ALTER COLUMN "b" DROP NOT NULL;', 'ALTER TABLE "a" ALTER COLUMN "b" SET NOT NULL;'],
  [`COMMENT ON TABLE "a" IS 'it''s; new';`, 'COMMENT ON TABLE "a" IS NULL;'],
])('%s', (statement, expected) => {
  expect(back(statement)).toBe(expected);
});

test.each([
  [
    'ALTER TABLE "chat_sessions" ALTER COLUMN "owner" SET DEFAULT \'you\';',
    'ALTER TABLE "chat_sessions" ALTER COLUMN "owner" SET DEFAULT \'local\';',
  ],
  [
    'ALTER TABLE "chat_sessions" ALTER COLUMN "name" SET DEFAULT \'x\';',
    'ALTER TABLE "chat_sessions" ALTER COLUMN "name" DROP DEFAULT;',
  ],
  [
    'ALTER TABLE "chat_sessions" ALTER COLUMN "name_given" DROP DEFAULT;',
    'ALTER TABLE "chat_sessions" ALTER COLUMN "name_given" SET DEFAULT false;',
  ],
  [
    'ALTER TABLE "chat_messages" ALTER COLUMN "seq" SET DATA TYPE bigint;',
    'ALTER TABLE "chat_messages" ALTER COLUMN "seq" SET DATA TYPE integer USING "seq"::integer;',
  ],
  [
    'ALTER TABLE "chat_messages" DROP COLUMN "thought";',
    'ALTER TABLE "chat_messages" ADD COLUMN "thought" text;',
  ],
  [
    'ALTER TABLE "chat_sessions" DROP COLUMN "metadata";',
    'ALTER TABLE "chat_sessions" ADD COLUMN "metadata" jsonb DEFAULT \'{}\'::jsonb NOT NULL;',
  ],
])('what stood before is read from the snapshot: %s', (statement, expected) => {
  expect(back(statement)).toBe(expected);
});

test.each([
  'DROP TABLE "a" CASCADE;',
  'ALTER TYPE "mood" ADD VALUE \'fine\';',
  'ALTER TABLE "chat_messages" DROP COLUMN "content";',
  'ALTER TABLE "unknown" ALTER COLUMN "b" SET DEFAULT 1;',
  'ALTER TABLE "a" ADD COLUMN "b" int, ADD COLUMN "c" int;',
  'UPDATE "a" SET "b" = 1;',
  'CREATE INDEX CONCURRENTLY "i" ON "a" ("x");',
])('what it cannot tell is left to a person: %s', (statement) => {
  expect(back(statement)).toBe(`${unwritten} ${statement.slice(0, -1)}`);
});

test('a comment goes back to the one before it, and comes back with its column', () => {
  const files = [`COMMENT ON COLUMN "chat_messages"."thought" IS '想法 | Thought';`];
  expect(back(`COMMENT ON COLUMN "chat_messages"."thought" IS 'new'`, files)).toBe(files[0] ?? '');
  expect(back('ALTER TABLE "chat_messages" DROP COLUMN "thought"', files)).toBe(
    `ALTER TABLE "chat_messages" ADD COLUMN "thought" text;\n--> statement-breakpoint\n${files[0]}`,
  );
});

test('the last statement is taken back first', () => {
  const up = 'CREATE TABLE "a" ("id" int);--> statement-breakpoint\nCREATE TABLE "b" ("id" int);';
  expect(draftWayBack('0009_x', up)).toBe(
    '-- The way back of 0009_x.sql.\nDROP TABLE "b";\n--> statement-breakpoint\nDROP TABLE "a";\n',
  );
});

test('an empty migration has no way back yet', () => {
  expect(back('-- Custom SQL migration file, put your code below! --')).toStartWith(unwritten);
});

test('statements are told from comments and texts', () => {
  expect(
    statementsOf(
      `-- a; b\nselect ';--x' /* c */;\n--> statement-breakpoint\n-- nothing\n--> statement-breakpoint\ndo $x$ a; b $x$`,
    ),
  ).toEqual([`select ';--x'`, 'do $x$ a; b $x$']);
  expect(isSeveral(`select ';', E'\\';', "a;b"`)).toBe(false);
  expect(isSeveral('do $$ begin; end $$')).toBe(false);
  expect(isSeveral('select 1; select 2')).toBe(true);
});
