CREATE TABLE "chat_file_pieces" (
	"owner_id" integer NOT NULL,
	"file_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "chat_file_pieces_pkey" PRIMARY KEY("owner_id","file_id","position")
);
--> statement-breakpoint
CREATE TABLE "chat_files" (
	"owner_id" integer NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"media_type" text DEFAULT 'application/octet-stream' NOT NULL,
	"size" integer DEFAULT 0 NOT NULL,
	"sha256" text,
	"text" text,
	"text_cut" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_files_pkey" PRIMARY KEY("owner_id","id")
);
--> statement-breakpoint
CREATE TABLE "chat_session_files" (
	"owner_id" integer NOT NULL,
	"file_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	CONSTRAINT "chat_session_files_pkey" PRIMARY KEY("owner_id","file_id","session_id")
);
--> statement-breakpoint
ALTER TABLE "chat_file_pieces" ADD CONSTRAINT "chat_file_pieces_file_fk" FOREIGN KEY ("owner_id","file_id") REFERENCES "public"."chat_files"("owner_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_files" ADD CONSTRAINT "chat_files_owner_id_chat_owners_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."chat_owners"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_session_files" ADD CONSTRAINT "chat_session_files_file_fk" FOREIGN KEY ("owner_id","file_id") REFERENCES "public"."chat_files"("owner_id","id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "chat_session_files" ADD CONSTRAINT "chat_session_files_session_fk" FOREIGN KEY ("owner_id","session_id") REFERENCES "public"."chat_sessions"("owner_id","id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "chat_files_created_at" ON "chat_files" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "chat_session_files_session_id" ON "chat_session_files" USING btree ("owner_id","session_id");
--> statement-breakpoint
COMMENT ON TABLE "chat_files" IS '随消息发送的文件 | Files that people send along with messages';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."owner_id" IS '所有者 | Whose it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."id" IS '编号 | Its id';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."name" IS '文件名 | Its name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."media_type" IS '由内容判断的类型 | What its bytes say that it is';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."size" IS '字节数 | Its size in bytes';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."sha256" IS '内容的 SHA-256；上传完成前为空 | The SHA-256 of its bytes; null until all of them are there';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."text" IS '供模型阅读的文本；没有则为空 | What a model is given to read of it; null where there is nothing to read';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."text_cut" IS '文本是否只是其中一部分 | Whether there is more in it than its text has';
--> statement-breakpoint
COMMENT ON COLUMN "chat_files"."created_at" IS '开始上传的时间 | When its upload began';
--> statement-breakpoint
COMMENT ON TABLE "chat_file_pieces" IS '文件的内容，分块存放 | The bytes of files, in pieces';
--> statement-breakpoint
COMMENT ON COLUMN "chat_file_pieces"."owner_id" IS '文件的所有者 | Whose file it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_file_pieces"."file_id" IS '所属文件 | The file it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_file_pieces"."position" IS '第几块，从 0 开始 | Which piece it is, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_file_pieces"."bytes" IS '内容 | The bytes';
--> statement-breakpoint
COMMENT ON TABLE "chat_session_files" IS '会话用到的文件；最后一个会话删除时文件随之删除 | The files that sessions have: one goes with the last of them';
--> statement-breakpoint
COMMENT ON COLUMN "chat_session_files"."owner_id" IS '会话和文件的所有者 | Whose the session and the file are';
--> statement-breakpoint
COMMENT ON COLUMN "chat_session_files"."file_id" IS '文件 | The file';
--> statement-breakpoint
COMMENT ON COLUMN "chat_session_files"."session_id" IS '会话 | The session';
