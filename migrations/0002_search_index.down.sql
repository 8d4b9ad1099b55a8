-- The way back of 0002_search_index.sql. What goes was made of the messages, and is made of them again.
DROP TABLE "chat_search_parts";
--> statement-breakpoint
DROP INDEX "chat_sessions_unindexed";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "indexed_messages";
