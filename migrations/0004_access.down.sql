-- The way back of 0004_access.sql. Keys, sign-ins and what was written down of who did what are lost.
DROP TABLE "chat_sign_ins";
--> statement-breakpoint
DROP TABLE "chat_keys";
--> statement-breakpoint
DROP TABLE "chat_audit";
--> statement-breakpoint
DROP FUNCTION "chat_audit_only_grows"();
