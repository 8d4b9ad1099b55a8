CREATE TABLE "chat_shares" (
	"owner_id" integer NOT NULL,
	"session_id" uuid NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"path" integer[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_shares_pkey" PRIMARY KEY("owner_id","session_id","id"),
	CONSTRAINT "chat_shares_id" UNIQUE("id")
);
--> statement-breakpoint
ALTER TABLE "chat_shares" ADD CONSTRAINT "chat_shares_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
COMMENT ON TABLE "chat_shares" IS '展示会话的链接：知道编号者可读取创建链接时的内容 | Links that show sessions: whoever has the id may read what was there when it was made';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."owner_id" IS '会话的所有者 | Whose the session is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."session_id" IS '所展示的会话 | The session it shows';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."id" IS '链接中的秘密编号 | The secret in the link';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."name" IS '创建链接时会话的名称 | The name of the session when the link was made';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."path" IS '创建链接时会话显示的位置；空表示全部 | Which places the session showed then; null for all';
--> statement-breakpoint
COMMENT ON COLUMN "chat_shares"."created_at" IS '创建时间；之后存储的消息不展示 | When it was made; what was stored later is not shown';
