ALTER TABLE "chat_sessions" ADD COLUMN "instructions" text;--> statement-breakpoint
ALTER TABLE "chat_sessions" ADD COLUMN "temperature" double precision;
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."instructions" IS '接在智能体自己的指令之后的指令；空：没有 | What stands behind the instructions of who answers; null: nothing';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."temperature" IS '模型的温度；空：按智能体的设置 | The temperature that models are asked with; null: as the agent has it';
