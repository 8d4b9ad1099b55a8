-- The way back of 0007_versions.sql. What was said stays, all versions one after the other; turns that answered again go, and
-- leave their replies.
UPDATE "chat_sessions" s SET
	"running_lease" = CASE WHEN t."status" = 'running' THEN NULL ELSE s."running_lease" END,
	"waiting_turn" = CASE WHEN t."status" = 'waiting' THEN NULL ELSE s."waiting_turn" END
FROM "chat_turns" t WHERE t."owner_id" = s."owner_id" AND t."session_id" = s."id" AND t."asks_seq" IS NOT NULL AND t."status" IN ('running', 'waiting');
--> statement-breakpoint
UPDATE "chat_sessions" s SET "queued_turns" = "queued_turns" - (SELECT count(*) FROM "chat_turns" t WHERE t."owner_id" = s."owner_id" AND t."session_id" = s."id" AND t."asks_seq" IS NOT NULL AND t."status" = 'queued')
WHERE "path" IS NOT NULL AND "queued_turns" > 0;
--> statement-breakpoint
DELETE FROM "chat_turns" WHERE "asks_seq" IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "wish";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "asks_seq";
--> statement-breakpoint
ALTER TABLE "chat_turns" DROP COLUMN "parent_seq";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "path";
