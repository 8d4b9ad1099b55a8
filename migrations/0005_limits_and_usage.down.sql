-- The way back of 0005_limits_and_usage.sql. Limits, what counts against them, and the ledger of usage are lost.
DROP INDEX "chat_usage_day";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "reserved_cost";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "reserved_tokens";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "key_id";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "owner_counts";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "counted_steps";
--> statement-breakpoint
DROP TABLE "chat_usage";
--> statement-breakpoint
DROP TABLE "chat_limits";
--> statement-breakpoint
DROP TABLE "chat_allowances";
