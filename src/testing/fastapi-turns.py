"""Makes fastapi-turns.json: what the FastAPI application leaves after turns that are not the usual ones.

It does what the application does for a message: reads the session's agent_state, gives it to an AutoGen agent, runs
the message, and writes the state and both messages in one transaction, so that they share its now(). A turn that
fails writes nothing. The agent is AutoGen's own, with a scripted model; states, usage and thoughts are what it gave.

    pip install autogen-agentchat==0.7.5 autogen-ext[openai]==0.7.5 asyncpg
    python src/testing/fastapi-turns.py postgres://USER@HOST/EMPTY_DATABASE > src/testing/fastapi-turns.json
"""

import asyncio
import json
import sys
from dataclasses import asdict
from uuid import uuid4

import asyncpg
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core.models import CreateResult, RequestUsage
from autogen_ext.models.replay import ReplayChatCompletionClient

TABLES = """
CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('e211a05619a6');
CREATE TABLE chat_sessions (id UUID PRIMARY KEY, name VARCHAR(100) NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT now(),
  updated_at TIMESTAMP NOT NULL DEFAULT now(), agent_state JSON);
CREATE TABLE chat_messages (id UUID PRIMARY KEY, session_id UUID NOT NULL REFERENCES chat_sessions (id) ON DELETE CASCADE,
  source VARCHAR(50) NOT NULL, content TEXT NOT NULL, type VARCHAR(50) NOT NULL, created_at TIMESTAMP NOT NULL DEFAULT now(),
  models_usage JSON, thought TEXT, meta_data JSON NOT NULL);
"""


class Failing(ReplayChatCompletionClient):
    async def create(self, *args, **kwargs):
        raise RuntimeError("the model server failed")


def answers(text, thought=None):
    usage = RequestUsage(prompt_tokens=12, completion_tokens=3)
    result = CreateResult(finish_reason="stop", content=text, usage=usage, cached=False, thought=thought)
    return ReplayChatCompletionClient([result])


async def turn(pool, session, source, content, model):
    """One POST of a message; the ids of the question and its answer."""
    async with pool.acquire() as db, db.transaction():
        state = await db.fetchval("SELECT agent_state FROM chat_sessions WHERE id = $1", session)
        agent = AssistantAgent("assistant", model_client=model, system_message="You are helpful.")
        if state:
            await agent.load_state(json.loads(state))
        result = await agent.run(task=TextMessage(content=content, source=source))
        asked, replied = result.messages[0], result.messages[-1]
        thoughts = [one.content for one in result.messages if one.type == "ThoughtEvent"]
        for message, thought in ((asked, None), (replied, "".join(thoughts) or None)):
            usage = message.models_usage and json.dumps(asdict(message.models_usage))
            await db.execute(
                "INSERT INTO chat_messages (id, session_id, source, content, type, models_usage, thought, meta_data)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                message.id, session, message.source, message.content, message.type, usage, thought,
                json.dumps(message.metadata),
            )
        await db.execute(
            "UPDATE chat_sessions SET agent_state = $2, updated_at = now() WHERE id = $1",
            session, json.dumps(await agent.save_state()),
        )
        return [asked.id, replied.id]


async def main(url):
    pool = await asyncpg.create_pool(url, min_size=6)
    await pool.execute(TABLES)

    async def new_session():
        session = uuid4()
        await pool.execute("INSERT INTO chat_sessions (id, name) VALUES ($1, '新会话')", session)
        return session

    turns = []
    for source in ("user", "Alice_1", "user_agent", "assistant", "system"):
        session = await new_session()
        for question, answer, thought in (
            (f"Question 1 of {source}", "Answer 1", None),
            (f"Question 2 of {source}", "Answer 2", "Let me think."),
            ("ping", "ping", None),
        ):
            turns.append(await turn(pool, session, source, question, answers(answer, thought)))
        if source == "Alice_1":
            try:
                await turn(pool, session, source, "This one fails", Failing(["never said"]))
                raise SystemExit("the turn should have failed")
            except RuntimeError:
                pass
            turns.append(await turn(pool, session, source, "And after that?", answers("I am here again")))
    # The last of them to save its state wins: it knows one of the five.
    session = await new_session()
    turns += await asyncio.gather(
        *(turn(pool, session, "assistant", f"At once {n}", answers(f"Answered {n}")) for n in range(5))
    )

    async def rows(table):
        found = await pool.fetch(f"SELECT row_to_json(line) FROM {table} AS line ORDER BY created_at, id")
        return [json.loads(row[0]) for row in found]

    tables = {"sessions": await rows("chat_sessions"), "messages": await rows("chat_messages")}
    print(json.dumps({**tables, "turns": turns}, ensure_ascii=False))


asyncio.run(main(sys.argv[1]))
