ALTER TABLE "chat_sessions" ADD COLUMN "path" integer[];
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "parent_seq" integer;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "asks_seq" integer;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "wish" jsonb;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."path" IS '有多个版本时当前显示的位置：起、止、起、止……起；为空表示全部 | Which places it shows where there are versions: from, to, from, to, …, from; null for all';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."parent_seq" IS '它接在哪个位置之后，0 表示开头；为空表示会话中在它之前的 | The place that it stands behind, 0 for the beginning; null for what was before it in the session';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."asks_seq" IS '重新回答时所答消息的位置；为空表示它自己的消息 | Where the message stands that it answers again; null for its own';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."wish" IS '重新回答时点名的模型，或已不在的智能体 | Of a turn that answers again: the model that was asked for, or the agent that is gone';
