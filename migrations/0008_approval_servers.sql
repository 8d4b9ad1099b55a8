ALTER TABLE "chat_tool_calls" ADD COLUMN "server" text;
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."server" IS '工具所属的服务器在智能体中的名称，只在那里调用；空文本表示无需服务器，为空表示提出时没有已知的工具 | What the server is called whose tool it is for: it is called nowhere else. An empty text where none is needed, null where no tool of that name was known';
--> statement-breakpoint
COMMENT ON COLUMN "chat_tool_calls"."arguments" IS '模型写的参数；再次询问时为上次调用所用的参数 | The arguments as the model wrote them; of a call that is asked about again, those that it was made with';
