-- The way back of 0001_comments.sql: no comments. No data is touched.
COMMENT ON COLUMN "chat_turn_events"."created_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."data" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."content" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."event" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."attempt" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."position" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."turn_id" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."session_id" IS NULL;
--> statement-breakpoint
COMMENT ON TABLE "chat_turn_events" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."finished_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."started_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."created_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."cancel_requested_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."lease_until" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."lease" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."request_hash" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."idempotency_key" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."attempt" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."interruptions" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."error" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."seq" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."status" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."id" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."session_id" IS NULL;
--> statement-breakpoint
COMMENT ON TABLE "chat_turns" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."created_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."metadata" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."models_usage" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."thought" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."content" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."type" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."source" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."role" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."id" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."seq" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."session_id" IS NULL;
--> statement-breakpoint
COMMENT ON TABLE "chat_messages" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."updated_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."created_at" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."queued_turns" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."running_lease" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."last_seq" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."message_count" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."agent_state_seq" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."agent_state" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."metadata" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."name_given" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."name" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."owner" IS NULL;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."id" IS NULL;
--> statement-breakpoint
COMMENT ON TABLE "chat_sessions" IS NULL;
