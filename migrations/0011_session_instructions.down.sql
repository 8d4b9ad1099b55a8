-- The way back of 0011_session_instructions.sql. What sessions say to who answers in them is lost.
ALTER TABLE "chat_sessions" DROP COLUMN "temperature";
--> statement-breakpoint
ALTER TABLE "chat_sessions" DROP COLUMN "instructions";
