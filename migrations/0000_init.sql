CREATE TABLE "chat_messages" (
	"session_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"id" uuid NOT NULL,
	"role" text NOT NULL,
	"source" text NOT NULL,
	"type" text DEFAULT 'TextMessage' NOT NULL,
	"content" text NOT NULL,
	"thought" text,
	"models_usage" jsonb,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_messages_pkey" PRIMARY KEY("session_id","seq"),
	CONSTRAINT "chat_messages_session_id_id" UNIQUE("session_id","id"),
	CONSTRAINT "chat_messages_role" CHECK (role in ('user', 'assistant'))
);
--> statement-breakpoint
CREATE TABLE "chat_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"owner" text DEFAULT 'local' NOT NULL,
	"name" text NOT NULL,
	"name_given" boolean DEFAULT false NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"agent_state" jsonb,
	"agent_state_seq" integer DEFAULT 0 NOT NULL,
	"message_count" integer DEFAULT 0 NOT NULL,
	"last_seq" integer DEFAULT 0 NOT NULL,
	"running_lease" uuid,
	"queued_turns" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "chat_turn_events" (
	"session_id" uuid NOT NULL,
	"turn_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"position" integer NOT NULL,
	"event" text NOT NULL,
	"content" text,
	"data" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chat_turn_events_pkey" PRIMARY KEY("session_id","turn_id","attempt","position")
);
--> statement-breakpoint
CREATE TABLE "chat_turns" (
	"session_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"status" text NOT NULL,
	"seq" integer NOT NULL,
	"error" jsonb,
	"attempt" integer DEFAULT 1 NOT NULL,
	"interruptions" integer DEFAULT 0 NOT NULL,
	"idempotency_key" text,
	"request_hash" text,
	"lease" uuid,
	"lease_until" timestamp with time zone,
	"cancel_requested_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	CONSTRAINT "chat_turns_pkey" PRIMARY KEY("session_id","id"),
	CONSTRAINT "chat_turns_session_id_seq" UNIQUE("session_id","seq"),
	CONSTRAINT "chat_turns_status" CHECK (status in ('queued', 'running', 'completed', 'failed', 'cancelled'))
);
--> statement-breakpoint
ALTER TABLE "chat_messages" ADD CONSTRAINT "chat_messages_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_turn_events" ADD CONSTRAINT "chat_turn_events_turn_fk" FOREIGN KEY ("session_id","turn_id") REFERENCES "public"."chat_turns"("session_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chat_turns" ADD CONSTRAINT "chat_turns_session_id_chat_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."chat_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chat_sessions_owner_updated_at_id" ON "chat_sessions" USING btree ("owner","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE UNIQUE INDEX "chat_turns_one_running" ON "chat_turns" USING btree ("session_id") WHERE status = 'running';--> statement-breakpoint
CREATE UNIQUE INDEX "chat_turns_idempotency_key" ON "chat_turns" USING btree ("session_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "chat_turns_unfinished" ON "chat_turns" USING btree ("lease") WHERE status in ('queued', 'running');