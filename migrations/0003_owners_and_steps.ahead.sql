-- What of 0003_owners_and_steps.sql takes long, done before it without holding anybody up. All of it can be repeated.
-- First what only the owner of the tables may do: whoever else tries leaves nothing behind.
ALTER TABLE "chat_sessions" ADD COLUMN IF NOT EXISTS "owner_id" integer DEFAULT 1 NOT NULL, ADD COLUMN IF NOT EXISTS "waiting_turn" uuid;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN IF NOT EXISTS "owner_id" integer DEFAULT 1 NOT NULL, ADD COLUMN IF NOT EXISTS "reply_seq" integer, ADD COLUMN IF NOT EXISTS "reply_id" uuid, ADD COLUMN IF NOT EXISTS "agent" text DEFAULT 'assistant' NOT NULL, ADD COLUMN IF NOT EXISTS "step" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "chat_messages" ADD COLUMN IF NOT EXISTS "owner_id" integer DEFAULT 1 NOT NULL, ADD COLUMN IF NOT EXISTS "step" integer DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "attempt" integer;
--> statement-breakpoint
ALTER TABLE "chat_turn_events" ADD COLUMN IF NOT EXISTS "owner_id" integer DEFAULT 1 NOT NULL, ADD COLUMN IF NOT EXISTS "step" integer DEFAULT 0 NOT NULL, ADD COLUMN IF NOT EXISTS "source" text DEFAULT 'assistant' NOT NULL;
--> statement-breakpoint
ALTER TABLE "chat_search_parts" ADD COLUMN IF NOT EXISTS "owner_id" integer DEFAULT 1 NOT NULL, ADD COLUMN IF NOT EXISTS "step" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
CREATE TABLE IF NOT EXISTS "chat_owners" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "chat_owners_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_owners_name" UNIQUE("name")
);
--> statement-breakpoint
INSERT INTO "chat_owners" ("id", "name") OVERRIDING SYSTEM VALUE VALUES (1, 'local') ON CONFLICT DO NOTHING;
--> statement-breakpoint
SELECT setval('chat_owners_id_seq', max("id")) FROM "chat_owners";
--> statement-breakpoint
-- Every version so far knows but one owner, local. Whoever made others keeps them.
DO $$ BEGIN
	INSERT INTO "chat_owners" ("name") SELECT DISTINCT "owner" FROM "chat_sessions" WHERE "owner" <> 'local' ORDER BY 1 ON CONFLICT DO NOTHING;
	IF EXISTS (SELECT FROM "chat_sessions" s JOIN "chat_owners" o ON o."name" = s."owner" WHERE o."id" <> s."owner_id") THEN
		ALTER TABLE "chat_messages" DROP CONSTRAINT IF EXISTS "chat_messages_session_fk";
		ALTER TABLE "chat_turns" DROP CONSTRAINT IF EXISTS "chat_turns_session_fk";
		ALTER TABLE "chat_search_parts" DROP CONSTRAINT IF EXISTS "chat_search_parts_session_fk";
		UPDATE "chat_sessions" s SET "owner_id" = o."id" FROM "chat_owners" o WHERE o."name" = s."owner" AND o."id" <> s."owner_id";
		UPDATE "chat_messages" m SET "owner_id" = s."owner_id" FROM "chat_sessions" s WHERE s."id" = m."session_id" AND s."owner_id" <> m."owner_id";
		UPDATE "chat_turns" t SET "owner_id" = s."owner_id" FROM "chat_sessions" s WHERE s."id" = t."session_id" AND s."owner_id" <> t."owner_id";
		UPDATE "chat_turn_events" e SET "owner_id" = s."owner_id" FROM "chat_sessions" s WHERE s."id" = e."session_id" AND s."owner_id" <> e."owner_id";
		UPDATE "chat_search_parts" p SET "owner_id" = s."owner_id" FROM "chat_sessions" s WHERE s."id" = p."session_id" AND s."owner_id" <> p."owner_id";
	END IF;
END $$;
--> statement-breakpoint
DO $$ DECLARE
	part uuid[];
	after uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
	LOOP
		part := ARRAY(SELECT "id" FROM "chat_sessions" WHERE "id" > after ORDER BY "id" LIMIT 1000);
		EXIT WHEN part = '{}';
		UPDATE "chat_turns" SET "reply_seq" = "seq" + 1
		WHERE "session_id" = ANY (part) AND "reply_seq" IS NULL AND "status" NOT IN ('queued', 'running');
		COMMIT;
		after := part[cardinality(part)];
	END LOOP;
END $$;
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_sessions_pkey_new" ON "chat_sessions" USING btree ("owner_id","id");
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "chat_sessions_owner_id_updated_at_id" ON "chat_sessions" USING btree ("owner_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX CONCURRENTLY IF NOT EXISTS "chat_sessions_unindexed_new" ON "chat_sessions" USING btree ("owner_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE indexed_messages <> message_count;
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_turns_pkey_new" ON "chat_turns" USING btree ("owner_id","session_id","id");
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_turns_session_id_seq_new" ON "chat_turns" USING btree ("owner_id","session_id","seq");
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_turns_one_running_new" ON "chat_turns" USING btree ("owner_id","session_id") WHERE status in ('running', 'waiting');
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_turns_idempotency_key_new" ON "chat_turns" USING btree ("owner_id","session_id","idempotency_key") WHERE idempotency_key is not null;
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_messages_pkey_new" ON "chat_messages" USING btree ("owner_id","session_id","seq","step");
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_messages_session_id_id_new" ON "chat_messages" USING btree ("owner_id","session_id","id");
--> statement-breakpoint
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "chat_search_parts_pkey_new" ON "chat_search_parts" USING btree ("owner_id","session_id","seq","step","part");
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_turns_session_fk' AND conrelid = '"chat_turns"'::regclass) THEN
		ALTER TABLE "chat_turns" ADD CONSTRAINT "chat_turns_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action NOT VALID;
	END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "chat_turns" VALIDATE CONSTRAINT "chat_turns_session_fk";
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_messages_session_fk' AND conrelid = '"chat_messages"'::regclass) THEN
		ALTER TABLE "chat_messages" ADD CONSTRAINT "chat_messages_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action NOT VALID;
	END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "chat_messages" VALIDATE CONSTRAINT "chat_messages_session_fk";
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_search_parts_session_fk' AND conrelid = '"chat_search_parts"'::regclass) THEN
		ALTER TABLE "chat_search_parts" ADD CONSTRAINT "chat_search_parts_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action NOT VALID;
	END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "chat_search_parts" VALIDATE CONSTRAINT "chat_search_parts_session_fk";
--> statement-breakpoint
ANALYZE "chat_sessions", "chat_messages", "chat_turns", "chat_search_parts";
