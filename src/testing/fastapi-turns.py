"""Makes fastapi-turns.json: what the FastAPI application leaves after turns that are not the usual ones.

It does with the application's own parts (SQLAlchemy over asyncpg, AutoGen) and tables (fastapi-tables.sql) what the
application does for a message: reads the session's agent_state, gives it to an AutoGen agent, runs the message, and
writes the state and both messages in one transaction, so that they share its now(). A turn that fails writes nothing.
It takes texts alone: there are no images. Only the model is scripted; states, usage and thoughts are AutoGen's.
Another run makes the same, with other ids and times; which of the turns at once the state knows is the last one's luck.

    pip install autogen-agentchat==0.7.5 autogen-ext[openai]==0.7.5 sqlalchemy[asyncio]==2.1.9 asyncpg==0.32.0
    python src/testing/fastapi-turns.py postgresql+asyncpg://USER@HOST/EMPTY_DATABASE > src/testing/fastapi-turns.json
"""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core.models import CreateResult, RequestUsage
from autogen_ext.models.replay import ReplayChatCompletionClient
from sqlalchemy import JSON, ForeignKey, String, Text, func, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {dict: JSON}


class ChatSession(Base):
    __tablename__ = "chat_sessions"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    agent_state: Mapped[dict | None]


class ChatMessage(Base):
    __tablename__ = "chat_messages"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("chat_sessions.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(50))
    content: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(50))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    models_usage: Mapped[dict | None]
    thought: Mapped[str | None] = mapped_column(Text)
    meta_data: Mapped[dict]


class Slow(ReplayChatCompletionClient):
    """Takes its time, so that turns at once have all begun before one of them ends."""

    async def create(self, *args, **kwargs):
        await asyncio.sleep(0.3)
        return await super().create(*args, **kwargs)


class Failing(ReplayChatCompletionClient):
    async def create(self, *args, **kwargs):
        raise RuntimeError("the model server failed")


def answers(content, thought=None):
    usage = RequestUsage(prompt_tokens=12, completion_tokens=3)
    result = CreateResult(finish_reason="stop", content=content, usage=usage, cached=False, thought=thought)
    return Slow([result])


async def turn(open_session, session_id, source, content, model):
    """One POST of a message; the ids of the question and its answer."""
    async with open_session() as db, db.begin():
        session = await db.get_one(ChatSession, session_id)
        agent = AssistantAgent("assistant", model_client=model, system_message="You are helpful.")
        if session.agent_state:
            await agent.load_state(session.agent_state)
        result = await agent.run(task=TextMessage(content=content, source=source))
        asked, replied = result.messages[0], result.messages[-1]
        thoughts = [one.content for one in result.messages if one.type == "ThoughtEvent"]
        for message, thought in ((asked, None), (replied, "".join(thoughts) or None)):
            usage = message.models_usage and asdict(message.models_usage)
            db.add(ChatMessage(
                id=UUID(message.id), session_id=session_id, source=message.source, content=message.content,
                type=message.type, models_usage=usage, thought=thought, meta_data=message.metadata,
            ))
        session.agent_state = dict(await agent.save_state())
        return [asked.id, replied.id]


async def failing(open_session, session_id, source, content):
    """A POST whose model fails."""
    try:
        await turn(open_session, session_id, source, content, Failing(["never said"]))
    except RuntimeError:
        return
    raise SystemExit("the turn should have failed")


async def main(url):
    engine = create_async_engine(url, pool_size=12)
    open_session = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as db:
        for statement in Path(__file__).with_name("fastapi-tables.sql").read_text().split(";\n"):
            if statement.strip():
                await db.execute(text(statement))

    async def new_session():
        async with open_session() as db, db.begin():
            session = ChatSession(name="新会话")
            db.add(session)
        return session.id

    turns = []
    sources = ("user", "Alice_1", "user_agent", "assistant", "system")
    for source in sources:
        session = await new_session()
        for question, answer, thought in (
            (f"Question 1 of {source}", "Answer 1", None),
            (f"Question 2 of {source}", "Answer 2", "Let me think."),
            ("ping", "ping", None),
        ):
            turns.append(await turn(open_session, session, source, question, answers(answer, thought)))
        if source == "Alice_1":
            await failing(open_session, session, source, "This one fails")
            turns.append(await turn(open_session, session, source, "And after that?", answers("I am here again")))
    # At once in one session, and one that fails among them. The last to save its state wins: it knows one of the five.
    session = await new_session()
    *at_once, _ = await asyncio.gather(
        *(turn(open_session, session, "assistant", f"At once {n}", answers(f"Answered {n}")) for n in range(5)),
        failing(open_session, session, "assistant", "This one fails at once"),
    )
    turns += at_once
    # At once in sessions of their own, each behind a turn that is over.
    apart = [await new_session() for _ in sources]
    for number in (1, 2):
        turns += await asyncio.gather(
            *(turn(open_session, session, source, f"Apart {number} of {source}", answers("Together", "Hm."))
              for source, session in zip(sources, apart))
        )

    async def rows(table):
        async with engine.connect() as db:
            found = await db.execute(text(f"SELECT row_to_json(line)::text FROM {table} AS line ORDER BY created_at, id"))
            return [json.loads(row) for row in found.scalars()]

    tables = {"sessions": await rows("chat_sessions"), "messages": await rows("chat_messages")}
    print(json.dumps({**tables, "turns": turns}, ensure_ascii=False))
    await engine.dispose()


asyncio.run(main(sys.argv[1]))
