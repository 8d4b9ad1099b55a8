"""Reads one stream with each Python decoder at the same time; prints what each of them made of it, as JSON."""

import asyncio
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import aiohttp
import aiohttp_sse_client.client
import httpx
import httpx_sse
import openai._streaming
import sseclient

url = sys.argv[1]
headers = {"Accept": "text/event-stream"}


def to_done(events):
    """What each event is, up to `done`, behind which some decoders would connect again."""
    seen = []
    for event in events:
        seen.append(list(event))
        if event[0] == "done":
            break
    return seen


def with_httpx_sse():
    with httpx.Client(timeout=60) as client:
        with httpx_sse.connect_sse(client, "GET", url) as source:
            return to_done((it.event, it.id, it.data) for it in source.iter_sse())


def with_sseclient():
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        client = sseclient.SSEClient(response.iter_bytes())
        return to_done((it.event, it.id, it.data) for it in client.events())


def with_openai():
    decoder = openai._streaming.SSEDecoder()
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        return to_done((it.event, it.id, it.data) for it in decoder.iter_bytes(response.iter_bytes()))


def by_hand(lines):
    """What many programs do: line by line, and what `iter_lines` takes for a line ends at any of Unicode's line ends."""
    fields = {}
    for line in lines:
        if line == "" and fields:
            yield fields["event"], fields["id"], fields["data"]
            fields = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


def with_iter_lines():
    with httpx.stream("GET", url, headers=headers, timeout=60) as response:
        return to_done(by_hand(response.iter_lines()))


async def read_with_aiohttp():
    seen = []
    async with aiohttp.ClientSession() as session:
        async with aiohttp_sse_client.client.EventSource(url, session=session) as source:
            async for it in source:
                seen.append([it.type, it.last_event_id, it.data])
                if it.type == "done":
                    return seen
    return seen


def with_aiohttp():
    return asyncio.run(read_with_aiohttp())


readers = {
    "httpx-sse": with_httpx_sse,
    "sseclient-py": with_sseclient,
    "openai": with_openai,
    "httpx by hand": with_iter_lines,
    "aiohttp-sse-client": with_aiohttp,
}


def attempt(read):
    try:
        return read()
    except Exception as error:
        return [["failed", "", json.dumps(repr(error))]]


with ThreadPoolExecutor(len(readers)) as pool:
    running = {name: pool.submit(attempt, read) for name, read in readers.items()}
    print(json.dumps({name: one.result() for name, one in running.items()}))
