CREATE TABLE "chat_tool_calls" (
	"owner_id" integer NOT NULL,
	"session_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"step" integer NOT NULL,
	"position" integer NOT NULL,
	"id" uuid NOT NULL,
	"call_id" text NOT NULL,
	"name" text NOT NULL,
	"arguments" text NOT NULL,
	"given_arguments" text,
	"status" text DEFAULT 'requested' NOT NULL,
	"needs_approval" boolean NOT NULL,
	"lease" uuid,
	"result" text,
	"is_error" boolean,
	"approval_id" uuid NOT NULL,
	"decision" text,
	"decided_by" text,
	"said" text,
	"expires_at" timestamp with time zone,
	"requested_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "chat_tool_calls_pkey" PRIMARY KEY("owner_id","session_id","turn_id","step","position"),
	CONSTRAINT "chat_tool_calls_status" CHECK (status in ('requested', 'waiting', 'approved', 'denied', 'started', 'finished', 'unknown', 'cancelled')),
	CONSTRAINT "chat_tool_calls_decision" CHECK (decision in ('approve', 'deny', 'answer'))
);
--> statement-breakpoint
ALTER TABLE "chat_messages" ADD COLUMN "data" jsonb;
--> statement-breakpoint
ALTER TABLE "chat_sessions" ADD COLUMN "agent" text;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "waiting_spent" jsonb;
--> statement-breakpoint
ALTER TABLE "chat_tool_calls" ADD CONSTRAINT "chat_tool_calls_turn_fk" FOREIGN KEY ("owner_id","session_id","turn_id") REFERENCES "public"."chat_turns"("owner_id","session_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "chat_tool_calls_waiting" ON "chat_tool_calls" USING btree ("owner_id","expires_at","id") WHERE status = 'waiting';
--> statement-breakpoint
CREATE INDEX "chat_tool_calls_expires_at" ON "chat_tool_calls" USING btree ("expires_at") WHERE status = 'waiting';
--> statement-breakpoint
COMMENT ON TABLE "chat_tool_calls" IS '工具调用的账本：调用前写下，结果随后 | The ledger of calls of tools: each is written down before it is made, and its result after';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."owner_id" IS '所属会话的所有者 | Whose session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."session_id" IS '所属会话 | The session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."turn_id" IS '所属轮次 | The turn it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."step" IS '提出调用的是轮次的第几步，从 0 开始 | Which step of the turn asks for it, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."position" IS '在该步的第几个，从 0 开始 | Which call of that step it is, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."id" IS '本系统的编号，每次尝试相同，也是给工具的幂等键 | Our own id, the same in every attempt: the idempotency key that the tool is given';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."call_id" IS '模型给的编号 | The id that the model gave it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."name" IS '工具名称 | The tool’s name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."arguments" IS '模型写的参数 | The arguments as the model wrote them';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."given_arguments" IS '批准者改用的参数 | The arguments that a person gave instead';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."status" IS '状态：requested 已提出、waiting 等人答复、approved 已批准、denied 已拒绝、started 已开始、finished 已完成、unknown 结果未知、cancelled 已取消 | requested, waiting for a person, approved, denied, started, finished, unknown or cancelled';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."needs_approval" IS '是否须经人批准 | Whether a person has to allow it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."lease" IS '开始它的运行 | The run that started it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."result" IS '结果 | Its result';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."is_error" IS '结果是否为错误 | Whether the result is an error';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."approval_id" IS '向人询问时的编号，再次询问时更换 | What a person is asked under; another one each time it is asked again';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."decision" IS '人的决定：approve 批准、deny 拒绝、answer 代答 | What was decided: approve, deny or answer';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."decided_by" IS '决定者；为空表示逾期 | Who decided; null where nobody did in time';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."said" IS '拒绝的理由，或代答的内容 | Why it is denied, or the answer';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."expires_at" IS '等待的期限，逾期即拒绝 | Until when it waits; then it is denied';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."requested_at" IS '提出时间 | When the model asked for it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."started_at" IS '最近一次开始的时间 | When it was last started';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."finished_at" IS '有结果或不再调用的时间 | When it had its result, or was not to be made any more';
--> statement-breakpoint
COMMENT ON COLUMN "chat_messages"."data" IS '正文之外的内容，如工具调用；为空表示只有文本 | What it has beside its text, such as calls of tools; null for texts';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."agent" IS '负责回复的智能体；为空表示默认的 | The agent that answers; null for the default one';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."waiting_spent" IS '开始等待时尚未计入账本的用量 | What it had used when it began to wait, and the ledger had not counted';
