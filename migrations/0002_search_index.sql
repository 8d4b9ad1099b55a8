CREATE TABLE "chat_search_parts" (
	"session_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"part" integer NOT NULL,
	"grams" integer[] NOT NULL,
	CONSTRAINT "chat_search_parts_pkey" PRIMARY KEY("session_id","seq","part")
);
--> statement-breakpoint
ALTER TABLE "chat_sessions" ADD COLUMN "indexed_messages" integer DEFAULT -1 NOT NULL;--> statement-breakpoint
ALTER TABLE "chat_search_parts" ADD CONSTRAINT "chat_search_parts_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chat_search_parts_grams" ON "chat_search_parts" USING gin ("grams") WITH (gin_pending_list_limit=256);--> statement-breakpoint
CREATE INDEX "chat_sessions_unindexed" ON "chat_sessions" USING btree ("owner","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE indexed_messages <> message_count;--> statement-breakpoint
ALTER TABLE "chat_search_parts" ALTER COLUMN "grams" SET STORAGE EXTERNAL;--> statement-breakpoint
COMMENT ON COLUMN "chat_sessions"."indexed_messages" IS '搜索索引已收录的消息数量；与 message_count 不等时由后台补录 | How many messages the index of the search has; where message_count is another number, it is behind';
--> statement-breakpoint
COMMENT ON TABLE "chat_search_parts" IS '搜索索引：会话名称与消息正文的字片，由后台写入，可随时重建 | The index of the search: the grams of names and messages, written in the background; it can be made anew at any time';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."session_id" IS '所属会话 | The session it belongs to';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."seq" IS '消息在会话中的序号；0 为会话名称 | The message’s place in the session; 0 for the session’s name';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."part" IS '长文本的第几段，从 0 开始 | Which part of a long text, from 0';
--> statement-breakpoint
COMMENT ON COLUMN "chat_search_parts"."grams" IS '该段所含字片的散列值 | Hashes of the grams that the part has';
