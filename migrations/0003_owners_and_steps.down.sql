-- The way back of 0003_owners_and_steps.sql. Of a turn of several steps only its last one is kept, and none of one that may
-- run again: it begins anew, and its place has to be free then. One that waits is cancelled.
WITH gone AS (
	DELETE FROM "chat_messages" m WHERE EXISTS (
		SELECT FROM "chat_messages" later WHERE later."owner_id" = m."owner_id" AND later."session_id" = m."session_id"
			AND later."seq" = m."seq" AND later."step" > m."step"
	) OR EXISTS (
		SELECT FROM "chat_turns" t WHERE t."owner_id" = m."owner_id" AND t."session_id" = m."session_id"
			AND t."reply_seq" = m."seq" AND t."status" IN ('queued', 'running', 'failed')
	)
	RETURNING m."owner_id", m."session_id", m."seq"
), parts AS (
	DELETE FROM "chat_search_parts" p USING gone WHERE p."owner_id" = gone."owner_id" AND p."session_id" = gone."session_id" AND p."seq" = gone."seq"
)
UPDATE "chat_sessions" s SET "message_count" = "message_count" - steps.count, "indexed_messages" = -1
FROM (SELECT "owner_id", "session_id", count(*) AS count FROM gone GROUP BY 1, 2) AS steps
WHERE s."owner_id" = steps."owner_id" AND s."id" = steps."session_id";
--> statement-breakpoint
DELETE FROM "chat_turn_events" e USING "chat_turns" t WHERE t."owner_id" = e."owner_id" AND t."session_id" = e."session_id" AND t."id" = e."turn_id" AND t."step" <> e."step";
--> statement-breakpoint
UPDATE "chat_turns" SET "status" = 'cancelled', "finished_at" = now() WHERE "status" = 'waiting';
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP CONSTRAINT "chat_turn_events_turn_fk";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_session_fk";
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP CONSTRAINT "chat_messages_session_fk";
--> statement-breakpoint
ALTER TABLE "chat_search_parts" DROP CONSTRAINT "chat_search_parts_session_fk";
--> statement-breakpoint
ALTER TABLE "chat_sessions" ADD COLUMN "owner" text DEFAULT 'local' NOT NULL;
--> statement-breakpoint
UPDATE "chat_sessions" s SET "owner" = o."name" FROM "chat_owners" o WHERE o."id" = s."owner_id" AND o."name" <> 'local';
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP CONSTRAINT "chat_sessions_pkey", ADD CONSTRAINT "chat_sessions_pkey" PRIMARY KEY ("id");
--> statement-breakpoint
DROP INDEX "chat_sessions_owner_id_updated_at_id";
--> statement-breakpoint
DROP INDEX "chat_sessions_unindexed";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "owner_id", DROP COLUMN "waiting_turn";
--> statement-breakpoint
CREATE INDEX "chat_sessions_owner_updated_at_id" ON "chat_sessions" USING btree ("owner","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "chat_sessions_unindexed" ON "chat_sessions" USING btree ("owner","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE indexed_messages <> message_count;
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP CONSTRAINT "chat_turns_pkey", DROP CONSTRAINT "chat_turns_session_id_seq", DROP CONSTRAINT "chat_turns_status";
--> statement-breakpoint
DROP INDEX "chat_turns_one_running";
--> statement-breakpoint
DROP INDEX "chat_turns_idempotency_key";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "owner_id", DROP COLUMN "reply_seq", DROP COLUMN "reply_id", DROP COLUMN "agent", DROP COLUMN "step",
	ADD CONSTRAINT "chat_turns_pkey" PRIMARY KEY ("session_id","id"),
	ADD CONSTRAINT "chat_turns_session_id_seq" UNIQUE ("session_id","seq"),
	ADD CONSTRAINT "chat_turns_status" CHECK (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
	ADD CONSTRAINT "chat_turns_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "chat_turns_one_running" ON "chat_turns" USING btree ("session_id") WHERE status = 'running';
--> statement-breakpoint
CREATE UNIQUE INDEX "chat_turns_idempotency_key" ON "chat_turns" USING btree ("session_id","idempotency_key") WHERE idempotency_key is not null;
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP CONSTRAINT "chat_messages_pkey", DROP CONSTRAINT "chat_messages_session_id_id";
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP COLUMN "owner_id", DROP COLUMN "step", DROP COLUMN "attempt",
	ADD CONSTRAINT "chat_messages_pkey" PRIMARY KEY ("session_id","seq"),
	ADD CONSTRAINT "chat_messages_session_id_id" UNIQUE ("session_id","id"),
	ADD CONSTRAINT "chat_messages_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP CONSTRAINT "chat_turn_events_pkey";
--> statement-breakpoint
ALTER TABLE "chat_turn_events" DROP COLUMN "owner_id", DROP COLUMN "step", DROP COLUMN "source",
	ALTER COLUMN "content" DROP NOT NULL,
	ADD COLUMN "data" jsonb,
	ADD CONSTRAINT "chat_turn_events_pkey" PRIMARY KEY ("session_id","turn_id","attempt","position"),
	ADD CONSTRAINT "chat_turn_events_turn_fk" FOREIGN KEY ("session_id","turn_id") REFERENCES "public"."chat_turns"("session_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_search_parts" DROP CONSTRAINT "chat_search_parts_pkey";
--> statement-breakpoint
ALTER TABLE "chat_search_parts" DROP COLUMN "owner_id", DROP COLUMN "step",
	ADD CONSTRAINT "chat_search_parts_pkey" PRIMARY KEY ("session_id","seq","part"),
	ADD CONSTRAINT "chat_search_parts_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
DROP TABLE "chat_owners";
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."owner" IS '会话所有者 | Who owns the session';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."data" IS '其他事件的数据 | The data of any other event';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."status" IS '状态：queued 排队、running 运行、completed 完成、failed 失败、cancelled 取消 | queued, running, completed, failed or cancelled';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."seq" IS '用户消息的序号；回复的序号是它加一 | The seq of the user message; the reply has the next one';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."position" IS '在该次尝试的日志中的位置 | Its place in the attempt’s log';
