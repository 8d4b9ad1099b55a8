-- The FastAPI application's tables at Alembic's last revision, made as its migrations make them, one after the other.
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
CREATE TABLE chat_sessions (id UUID NOT NULL, name VARCHAR(100) NOT NULL,
  created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now() NOT NULL,
  updated_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now() NOT NULL, agent_state JSON, PRIMARY KEY (id));
CREATE TABLE chat_messages (id UUID NOT NULL, session_id UUID NOT NULL, source VARCHAR(50) NOT NULL, content TEXT NOT NULL,
  type VARCHAR(50) NOT NULL, created_at TIMESTAMP WITHOUT TIME ZONE DEFAULT now() NOT NULL, models_usage JSON,
  metadata JSON NOT NULL, PRIMARY KEY (id), FOREIGN KEY (session_id) REFERENCES chat_sessions (id) ON DELETE CASCADE);
ALTER TABLE chat_messages ADD COLUMN thought TEXT;
ALTER TABLE chat_messages ADD COLUMN meta_data JSON NOT NULL;
ALTER TABLE chat_messages DROP COLUMN metadata;
COMMENT ON TABLE chat_messages IS '聊天消息表';
COMMENT ON COLUMN chat_messages.source IS '消息来源，如user或agent';
COMMENT ON COLUMN chat_messages.meta_data IS '附加元数据，存储为JSON';
COMMENT ON TABLE chat_sessions IS '聊天会话表';
COMMENT ON COLUMN chat_sessions.agent_state IS '智能体状态，存储为JSON';
INSERT INTO alembic_version VALUES ('e211a05619a6');
