CREATE TABLE "chat_audit" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "chat_audit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"owner_id" integer,
	"actor" text,
	"way" text,
	"key_id" uuid,
	"action" text NOT NULL,
	"target" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"address" text,
	"request_id" text
);
--> statement-breakpoint
CREATE TABLE "chat_keys" (
	"owner_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"hash" text NOT NULL,
	"hint" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"agents" text[],
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "chat_keys_pkey" PRIMARY KEY("owner_id","id"),
	CONSTRAINT "chat_keys_hash" UNIQUE("hash"),
	CONSTRAINT "chat_keys_role" CHECK (role in ('viewer', 'member', 'admin', 'service'))
);
--> statement-breakpoint
CREATE TABLE "chat_sign_ins" (
	"owner_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"hash" text NOT NULL,
	"way" text NOT NULL,
	"role" text NOT NULL,
	"key_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "chat_sign_ins_pkey" PRIMARY KEY("owner_id","id"),
	CONSTRAINT "chat_sign_ins_hash" UNIQUE("hash"),
	CONSTRAINT "chat_sign_ins_way" CHECK (way in ('keys', 'oidc')),
	CONSTRAINT "chat_sign_ins_role" CHECK (role in ('viewer', 'member', 'admin', 'service'))
);
--> statement-breakpoint
ALTER TABLE "chat_keys" ADD CONSTRAINT "chat_keys_owner_id_chat_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."chat_owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_sign_ins" ADD CONSTRAINT "chat_sign_ins_owner_id_chat_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."chat_owners"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_sign_ins" ADD CONSTRAINT "chat_sign_ins_key_fk" FOREIGN KEY ("owner_id","key_id") REFERENCES "public"."chat_keys"("owner_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chat_audit_owner_id_id" ON "chat_audit" USING btree ("owner_id","id");--> statement-breakpoint
CREATE INDEX "chat_sign_ins_expires_at" ON "chat_sign_ins" USING btree ("expires_at");
--> statement-breakpoint
-- What was written down stays as it was.
CREATE OR REPLACE FUNCTION "chat_audit_only_grows"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	RAISE EXCEPTION 'rows of chat_audit are only added';
END $$;
--> statement-breakpoint
CREATE TRIGGER "chat_audit_only_grows" BEFORE UPDATE OR DELETE OR TRUNCATE ON "chat_audit" FOR EACH STATEMENT EXECUTE FUNCTION "chat_audit_only_grows"();
--> statement-breakpoint
COMMENT ON TABLE "chat_keys" IS '访问密钥，只保存散列值 | Keys that let somebody in; only their hashes are kept';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."owner_id" IS '密钥所属的所有者 | Whose key it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."id" IS '密钥 ID（UUID v7） | Key id (UUID v7)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."hash" IS '密钥的 SHA-256 | SHA-256 of the key';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."hint" IS '密钥开头的几个字符，便于辨认 | How the key begins, so that people know which it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."name" IS '密钥名称 | What people call it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."role" IS '角色：viewer 只读、member 读写、admin 管理、service 代表他人 | viewer, member, admin, or service, which speaks for others';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."agents" IS '可用的智能体；为空表示全部 | The agents that may be asked; null for all';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."created_at" IS '创建时间 | When it was made';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."expires_at" IS '失效时间；为空表示不失效 | When it stops letting in; null for never';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."revoked_at" IS '吊销时间 | When it was revoked';
--> statement-breakpoint
COMMENT ON COLUMN "chat_keys"."last_used_at" IS '最近使用时间，精确到分钟 | When it was last used, to a minute';
--> statement-breakpoint
COMMENT ON TABLE "chat_sign_ins" IS '网页登录，对应浏览器中的 Cookie | Sign-ins of the page: what the browsers’ cookies stand for';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."owner_id" IS '登录者 | Who is signed in';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."id" IS '登录 ID（UUID v7） | Sign-in id (UUID v7)';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."hash" IS 'Cookie 的 SHA-256 | SHA-256 of the cookie';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."way" IS '登录方式：keys 或 oidc | How: keys or oidc';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."role" IS '登录时的角色；用密钥登录时以密钥为准 | The role then; with a key, the key’s own counts';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."key_id" IS '登录所用的密钥 | The key it came by';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."created_at" IS '登录时间 | When it began';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."expires_at" IS '失效时间 | When it ends';
--> statement-breakpoint
COMMENT ON COLUMN "chat_sign_ins"."revoked_at" IS '退出时间 | When it was ended';
--> statement-breakpoint
COMMENT ON TABLE "chat_audit" IS '审计记录，只增不改 | Who did what: rows are only added';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."id" IS '序号 | Its number';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."at" IS '时间 | When';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."owner_id" IS '操作者；未能登录时为空 | Whose request it was; null where nobody was let in';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."actor" IS '操作者名称 | The name of who did it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."way" IS '登录方式；command 表示命令行 | How they were let in; command for the command line';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."key_id" IS '所用的密钥 | The key they came by';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."action" IS '操作，例如 key.created | What was done, such as key.created';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."target" IS '操作对象 | To what';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."details" IS '补充信息 | More about it';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."address" IS '来源地址 | Where it came from';
--> statement-breakpoint
COMMENT ON COLUMN "chat_audit"."request_id" IS '请求 ID | The request’s id';
