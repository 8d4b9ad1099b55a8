-- Whole without 0003_owners_and_steps.ahead.sql, which only does the long part of it before the tables are locked.
LOCK TABLE "chat_sessions", "chat_turns", "chat_messages", "chat_turn_events", "chat_search_parts" IN ACCESS EXCLUSIVE MODE;
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
UPDATE "chat_turns" SET "reply_seq" = "seq" + 1 WHERE "reply_seq" IS NULL;
--> statement-breakpoint
-- Who may read and write the sessions, and has not made the tables.
DO $$ DECLARE
	grantee text;
BEGIN
	FOR grantee IN SELECT DISTINCT g.grantee FROM information_schema.role_table_grants g WHERE g.table_schema = 'public'
		AND g.table_name = 'chat_sessions' AND g.privilege_type = 'INSERT' AND g.grantee NOT IN ('PUBLIC', current_user)
	LOOP
		EXECUTE format('GRANT SELECT, INSERT ON "chat_owners" TO %I', grantee);
	END LOOP;
END $$;
--> statement-breakpoint
ALTER TABLE "chat_turns" ALTER COLUMN "reply_seq" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "chat_turn_events" ALTER COLUMN "content" SET NOT NULL;
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_sessions_pkey_new" ON "chat_sessions" USING btree ("owner_id","id");
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "chat_sessions_owner_id_updated_at_id" ON "chat_sessions" USING btree ("owner_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX IF NOT EXISTS "chat_sessions_unindexed_new" ON "chat_sessions" USING btree ("owner_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE indexed_messages <> message_count;
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_turns_pkey_new" ON "chat_turns" USING btree ("owner_id","session_id","id");
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_turns_session_id_seq_new" ON "chat_turns" USING btree ("owner_id","session_id","seq");
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_turns_one_running_new" ON "chat_turns" USING btree ("owner_id","session_id") WHERE status in ('running', 'waiting');
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_turns_idempotency_key_new" ON "chat_turns" USING btree ("owner_id","session_id","idempotency_key") WHERE idempotency_key is not null;
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_messages_pkey_new" ON "chat_messages" USING btree ("owner_id","session_id","seq","step");
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_messages_session_id_id_new" ON "chat_messages" USING btree ("owner_id","session_id","id");
--> statement-breakpoint
CREATE UNIQUE INDEX IF NOT EXISTS "chat_search_parts_pkey_new" ON "chat_search_parts" USING btree ("owner_id","session_id","seq","step","part");
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_turns_session_fk' AND conrelid = '"chat_turns"'::regclass) THEN
		ALTER TABLE "chat_turns" ADD CONSTRAINT "chat_turns_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action;
	END IF;
END $$;
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_messages_session_fk' AND conrelid = '"chat_messages"'::regclass) THEN
		ALTER TABLE "chat_messages" ADD CONSTRAINT "chat_messages_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action;
	END IF;
END $$;
--> statement-breakpoint
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'chat_search_parts_session_fk' AND conrelid = '"chat_search_parts"'::regclass) THEN
		ALTER TABLE "chat_search_parts" ADD CONSTRAINT "chat_search_parts_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action;
	END IF;
END $$;
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP CONSTRAINT "chat_turn_events_turn_fk";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_session_id_chat_sessions_id_fk";
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP CONSTRAINT "chat_messages_session_id_chat_sessions_id_fk";
--> statement-breakpoint
ALTER TABLE "chat_search_parts" DROP CONSTRAINT "chat_search_parts_session_id_chat_sessions_id_fk";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP CONSTRAINT "chat_sessions_pkey", ADD CONSTRAINT "chat_sessions_pkey" PRIMARY KEY USING INDEX "chat_sessions_pkey_new";
--> statement-breakpoint
ALTER TABLE "chat_sessions" ADD CONSTRAINT "chat_sessions_owner_id_chat_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."chat_owners"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_sessions" ALTER COLUMN "owner_id" DROP DEFAULT;
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "owner";
--> statement-breakpoint
ALTER INDEX "chat_sessions_unindexed_new" RENAME TO "chat_sessions_unindexed";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_pkey", ADD CONSTRAINT "chat_turns_pkey" PRIMARY KEY USING INDEX "chat_turns_pkey_new";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_session_id_seq", ADD CONSTRAINT "chat_turns_session_id_seq" UNIQUE USING INDEX "chat_turns_session_id_seq_new";
--> statement-breakpoint
DROP INDEX "chat_turns_one_running";
--> statement-breakpoint
ALTER INDEX "chat_turns_one_running_new" RENAME TO "chat_turns_one_running";
--> statement-breakpoint
DROP INDEX "chat_turns_idempotency_key";
--> statement-breakpoint
ALTER INDEX "chat_turns_idempotency_key_new" RENAME TO "chat_turns_idempotency_key";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_status", ADD CONSTRAINT "chat_turns_status" CHECK (status in ('queued', 'running', 'waiting', 'completed', 'failed', 'cancelled'));
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP CONSTRAINT "chat_messages_pkey", ADD CONSTRAINT "chat_messages_pkey" PRIMARY KEY USING INDEX "chat_messages_pkey_new";
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP CONSTRAINT "chat_messages_session_id_id", ADD CONSTRAINT "chat_messages_session_id_id" UNIQUE USING INDEX "chat_messages_session_id_id_new";
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP COLUMN "data";
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP CONSTRAINT "chat_turn_events_pkey", ADD CONSTRAINT "chat_turn_events_pkey" PRIMARY KEY("owner_id","session_id","turn_id","step","attempt","position");
--> statement-breakpoint
ALTER TABLE "chat_turn_events" ADD CONSTRAINT "chat_turn_events_turn_fk" FOREIGN KEY ("owner_id","session_id","turn_id") REFERENCES "public"."chat_turns"("owner_id","session_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_search_parts" DROP CONSTRAINT "chat_search_parts_pkey", ADD CONSTRAINT "chat_search_parts_pkey" PRIMARY KEY USING INDEX "chat_search_parts_pkey_new";
--> statement-breakpoint
-- A column that nobody has looked at is taken for one that hardly any row has a value of.
DO $$ BEGIN
	IF EXISTS (SELECT FROM "chat_sessions") AND NOT EXISTS (
		SELECT FROM pg_stats WHERE schemaname = 'public' AND tablename = 'chat_sessions' AND attname = 'owner_id'
	) THEN
		ANALYZE "chat_sessions", "chat_messages", "chat_turns", "chat_turn_events", "chat_search_parts";
	END IF;
END $$;
--> statement-breakpoint
COMMENT ON TABLE "chat_owners" IS '会话的所有者 | Whose sessions there are';
--> statement-breakpoint
COMMENT ON COLUMN "chat_owners"."id" IS '所有者编号，各表的键都以它开头 | The owner’s number, with which the keys of all tables begin';
--> statement-breakpoint
COMMENT ON COLUMN "chat_owners"."name" IS '所有者名称；未启用登录时只有 local | The owner’s name; until there is a sign-in there is only local';
--> statement-breakpoint
COMMENT ON COLUMN "chat_owners"."created_at" IS '首次出现的时间 | When the owner was first seen';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."owner_id" IS '会话的所有者 | Whose session it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."waiting_turn" IS '正在等人答复的轮次；等待期间无进程持有它，后面的轮次继续排队 | The turn that waits for somebody’s answer; no process holds it meanwhile, and the queue stays closed behind it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."owner_id" IS '所属会话的所有者 | Whose session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."reply_seq" IS '本轮回复在会话中的序号，所有步骤共用 | The place in the session of all that the turn says, whatever its steps';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."reply_id" IS '回复的消息 ID，开始时确定，每次运行相同 | The id of its reply, given when it begins and the same in every attempt';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."agent" IS '负责回复的智能体 | The agent that answers';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."step" IS '进行中的步骤，或最后一步，从 0 开始；之前的步骤均已落定 | The step that is open, or was the last, from 0; all before it are settled';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."owner_id" IS '所属会话的所有者 | Whose session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."step" IS '同一序号内的第几步，从 0 开始 | Which step of what stands at this place, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."attempt" IS '由轮次的第几次运行生成；用户消息与旧数据为空 | Which attempt of the turn said it; null for what people say, and in older turns';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."owner_id" IS '所属会话的所有者 | Whose session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."step" IS '属于轮次的第几步，从 0 开始 | Which step of the turn it belongs to, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."source" IS '说话者的名称 | The name of who says it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."owner_id" IS '所属会话的所有者 | Whose session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."step" IS '消息是该序号内的第几步，从 0 开始 | Which step the message is of its place, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."status" IS '状态：queued 排队、running 运行、waiting 等待答复、completed 完成、failed 失败、cancelled 取消 | queued, running, waiting for somebody, completed, failed or cancelled';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."seq" IS '用户消息的序号 | The seq of the user message';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."position" IS '在该步骤该次尝试的日志中的位置 | Its place in the log of the step’s attempt';
