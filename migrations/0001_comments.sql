-- Comments in Chinese and English, for whoever reads the database itself.
COMMENT ON TABLE "chat_sessions" IS '会话：一段与智能体的对话 | A session: one conversation with the agent';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."id" IS '会话 ID（UUID v7） | Session id (UUID v7)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."owner" IS '会话所有者 | Who owns the session';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."name" IS '会话名称 | Name shown to people';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."name_given" IS '名称是否由调用方给出（给出后不再自动命名） | Whether a caller gave the name (then it is never replaced)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."metadata" IS '调用方的附加数据 | What callers attached';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."agent_state" IS '导入的 AutoGen 智能体状态；其后的消息不在其中 | The imported AutoGen agent state; later messages are not in it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."agent_state_seq" IS '已包含在 agent_state 中的最后一条消息的序号 | The last message that agent_state already covers';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."message_count" IS '消息数量 | How many messages the session holds';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."last_seq" IS '最近分配的消息序号 | The last seq given out';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."running_lease" IS '正在运行的轮次的租约；空闲时为空 | The lease of the running turn; null when idle';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."queued_turns" IS '排队等待的轮次数 | How many turns wait in line';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."created_at" IS '创建时间 | When it was created';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."updated_at" IS '最近更新时间 | When it last changed';
--> statement-breakpoint
COMMENT ON TABLE "chat_messages" IS '消息：用户的话与智能体的回复，按 seq 排序 | Messages: what the user said and the agent replied, in order of seq';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."session_id" IS '所属会话 | The session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."seq" IS '在会话中的序号 | Its place in the session';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."id" IS '消息 ID（UUID v7） | Message id (UUID v7)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."role" IS '角色：user 用户、assistant 智能体 | Whether it was said to the agent (user) or by it (assistant)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."source" IS '消息来源，如 user、assistant | Who said it: user, assistant, …';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."type" IS 'AutoGen 消息类型 | AutoGen message type';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."content" IS '消息正文 | The text';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."thought" IS '模型的思考过程 | The reasoning of the model';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."models_usage" IS '令牌用量 {prompt_tokens, completion_tokens} | Tokens used {prompt_tokens, completion_tokens}';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."metadata" IS '附加数据 | Attached data';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."created_at" IS '创建时间 | When it was created';
--> statement-breakpoint
COMMENT ON TABLE "chat_turns" IS '轮次：一条用户消息及为它生成回复的过程 | Turns: a user message and the work of answering it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."session_id" IS '所属会话 | The session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."id" IS '轮次 ID（UUID v7） | Turn id (UUID v7)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."status" IS '状态：queued 排队、running 运行、completed 完成、failed 失败、cancelled 取消 | queued, running, completed, failed or cancelled';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."seq" IS '用户消息的序号；回复的序号是它加一 | The seq of the user message; the reply has the next one';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."error" IS '失败原因 | Why it failed';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."attempt" IS '第几次尝试，从 1 开始 | Which attempt, from 1';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."interruptions" IS '自被请求以来，有多少次因进程中断而重新开始 | How often a run of it was lost since it was asked for';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."idempotency_key" IS '调用方的幂等键 | The caller''s idempotency key';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."request_hash" IS '请求正文的摘要，用于核对幂等键 | Digest of the request, to check the idempotency key against';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."lease" IS '本次运行的租约；旧租约不能再写入 | The lease of this run; an older one can no longer write';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."lease_until" IS '租约到期时间 | When the lease runs out';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."cancel_requested_at" IS '请求取消的时间 | When cancelling was asked for';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."created_at" IS '创建时间 | When it was accepted';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."started_at" IS '开始运行时间 | When it began to run';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."finished_at" IS '结束时间 | When it ended';
--> statement-breakpoint
COMMENT ON TABLE "chat_turn_events" IS '轮次事件日志，只追加 | The append-only log of a turn';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."session_id" IS '所属会话 | The session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."turn_id" IS '所属轮次 | The turn it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."position" IS '在该次尝试的日志中的位置 | Its place in the attempt’s log';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."attempt" IS '产生它的尝试 | The attempt that made it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."event" IS '事件名称 | The event name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."content" IS '文本片段 | The piece of text, of a streaming event';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."data" IS '其他事件的数据 | The data of any other event';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turn_events"."created_at" IS '写入时间 | When it was written';
