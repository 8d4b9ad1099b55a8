CREATE TABLE "chat_allowances" (
	"owner_id" integer NOT NULL,
	"key_id" uuid DEFAULT '00000000-0000-0000-0000-000000000000' NOT NULL,
	"minute" timestamp with time zone DEFAULT 'epoch' NOT NULL,
	"requests" integer DEFAULT 0 NOT NULL,
	"running" integer DEFAULT 0 NOT NULL,
	"day" date DEFAULT 'epoch' NOT NULL,
	"turns" integer DEFAULT 0 NOT NULL,
	"tokens" bigint DEFAULT 0 NOT NULL,
	"reserved_tokens" bigint DEFAULT 0 NOT NULL,
	"month" date DEFAULT 'epoch' NOT NULL,
	"cost" numeric DEFAULT 0 NOT NULL,
	"reserved_cost" numeric DEFAULT 0 NOT NULL,
	CONSTRAINT "chat_allowances_pkey" PRIMARY KEY("owner_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "chat_limits" (
	"owner_id" integer NOT NULL,
	"key_id" uuid DEFAULT '00000000-0000-0000-0000-000000000000' NOT NULL,
	"requests_per_minute" integer,
	"running_turns" integer,
	"turns_per_day" integer,
	"tokens_per_day" bigint,
	"cost_per_month" numeric,
	"agents" text[],
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_limits_pkey" PRIMARY KEY("owner_id","key_id")
);
--> statement-breakpoint
CREATE TABLE "chat_usage" (
	"owner_id" integer NOT NULL,
	"day" date NOT NULL,
	"model" text NOT NULL,
	"agent" text NOT NULL,
	"part" smallint NOT NULL,
	"turns" integer NOT NULL,
	"prompt_tokens" bigint NOT NULL,
	"completion_tokens" bigint NOT NULL,
	"estimated_turns" integer NOT NULL,
	"cost" numeric NOT NULL,
	CONSTRAINT "chat_usage_pkey" PRIMARY KEY("owner_id","day","model","agent","part")
);
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "counted_steps" integer;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "owner_counts" boolean;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "key_id" uuid;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "reserved_tokens" bigint;
--> statement-breakpoint
ALTER TABLE "chat_turns" ADD COLUMN "reserved_cost" numeric;
--> statement-breakpoint
CREATE INDEX "chat_usage_day" ON "chat_usage" USING btree ("day");
--> statement-breakpoint
COMMENT ON TABLE "chat_allowances" IS '对照限额的计数，每个有限额的对象一行 | What counts against limits: one row for each who has any';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."owner_id" IS '所有者；密钥的行为 0 | Whose it is; 0 in the rows of keys';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."key_id" IS '密钥；所有者的行全为零 | The key; all zeros in the rows of owners';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."minute" IS 'requests 所属的分钟 | The minute that requests counts';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."requests" IS '该分钟内已发放的请求数 | How many requests of that minute were given out';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."running" IS '尚未结束的轮次数 | How many turns have not ended';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."day" IS 'turns 和 tokens 所属的日期（UTC） | The day (UTC) that turns and tokens count';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."turns" IS '当日开始的轮次数 | How many turns began that day';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."tokens" IS '当日用去的词元数 | The tokens of turns that ended that day';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."reserved_tokens" IS '为未结束的轮次预留的词元数 | Tokens held for turns that have not ended';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."month" IS 'cost 所属月份的第一天（UTC） | The first day of the month (UTC) that cost counts';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."cost" IS '当月费用 | The cost of turns that ended that month';
--> statement-breakpoint
COMMENT ON COLUMN "chat_allowances"."reserved_cost" IS '为未结束的轮次预留的费用 | Cost held for turns that have not ended';
--> statement-breakpoint
COMMENT ON TABLE "chat_limits" IS '限额；为空表示不限 | Limits; null for none';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."owner_id" IS '所有者；0 表示默认值或密钥 | Whose they are; 0 for the default, and for keys';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."key_id" IS '密钥；全为零表示所有者的限额 | The key; all zeros for limits of an owner';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."requests_per_minute" IS '每分钟请求数 | Requests a minute';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."running_turns" IS '同时未结束的轮次数 | Turns that have not ended, at once';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."turns_per_day" IS '每天（UTC）轮次数 | Turns a day (UTC)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."tokens_per_day" IS '每天（UTC）词元数 | Tokens a day (UTC)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."cost_per_month" IS '每月（UTC）费用，单位同模型价格 | Cost a month (UTC), in the unit of the models’ prices';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."agents" IS '可用的智能体；为空表示全部 | The agents that may be asked; null for all';
--> statement-breakpoint
COMMENT ON COLUMN "chat_limits"."updated_at" IS '更新时间 | When they were last set';
--> statement-breakpoint
COMMENT ON TABLE "chat_usage" IS '用量账本，会话删除后仍保留 | The ledger of usage; it outlives the sessions';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."owner_id" IS '所有者 | Whose usage it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."day" IS '轮次结束的日期（UTC） | The day (UTC) on which the turns ended';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."model" IS '模型名称 | The model’s name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."agent" IS '智能体名称 | The agent’s name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."part" IS '分片：各进程写各自的行，求和为准 | Each process adds to rows of its own; the sum counts';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."turns" IS '询问过模型的轮次数，重试另计 | Turns that asked the model; each retry is one more';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."prompt_tokens" IS '提示词元数 | Tokens of what the model was sent';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."completion_tokens" IS '生成词元数 | Tokens of what it said';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."estimated_turns" IS '其中用量为估算的轮次数 | Of the turns, those whose usage is estimated';
--> statement-breakpoint
COMMENT ON COLUMN "chat_usage"."cost" IS '费用，单位同模型价格 | Cost, in the unit of the models’ prices';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."counted_steps" IS '账本已计入的步骤数 | How many of its steps the ledger has counted';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."owner_counts" IS '是否计入所有者的限额 | Whether it counts against limits of its owner';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."key_id" IS '它计入哪个密钥的限额 | The key whose limits it counts against';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."reserved_tokens" IS '为它预留的词元数；为空表示不受限额约束 | Tokens held for it; null where no limits count it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_turns"."reserved_cost" IS '为它预留的费用 | Cost held for it';
