-- The way back of 0008_approval_servers.sql. Which server a call is for is lost: one that still waits goes to whichever has such a tool.
COMMENT ON COLUMN "chat_tool_calls"."arguments" IS '模型写的参数 | The arguments as the model wrote them';
--> statement-breakpoint
ALTER TABLE "chat_tool_calls" DROP COLUMN "server";
