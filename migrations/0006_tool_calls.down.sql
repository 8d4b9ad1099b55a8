-- The way back of 0006_tool_calls.sql. What tools were asked for and said is lost, and a turn that waits is cancelled.
UPDATE "chat_sessions" SET "waiting_turn" = NULL WHERE "waiting_turn" IS NOT NULL;
--> statement-breakpoint
UPDATE "chat_turns" SET "status" = 'cancelled', "finished_at" = now() WHERE "status" = 'waiting';
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "waiting_spent";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "agent";
--> statement-breakpoint
ALTER TABLE "chat_messages" DROP COLUMN "data";
--> statement-breakpoint
DROP TABLE "chat_tool_calls";
