-- The way back of 0000_init.sql: every table, with all that it holds. Indexes and constraints go with them.
DROP TABLE "chat_turn_events";
--> statement-breakpoint
DROP TABLE "chat_turns";
--> statement-breakpoint
DROP TABLE "chat_messages";
--> statement-breakpoint
DROP TABLE "chat_sessions";
