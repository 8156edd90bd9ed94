"""Serves OpenAI's completion protocol on loopback by the clock, until it is ended.

    serve_paced.py FOLDER PORT SLOTS FIRST_MS GAP_MS

Each answer has as many tokens as max_tokens asks for: the first FIRST_MS after the request came to one of SLOTS places,
each other GAP_MS after the one before, whatever the machine does meanwhile. Requests beyond the places wait in line. So
what a client measures can be held against what is true. It installs nothing, and leaves FOLDER as it is.
"""

import asyncio
import json
import sys


def chunk(payload):
    data = b"data: " + payload + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(data), data)


def event(choices, **more):
    content = {"id": "0", "object": "text_completion", "created": 0, "model": "tiny", "choices": choices}
    return chunk(json.dumps(dict(content, **more)).encode())


async def request_body(reader):
    """Reads one request, and returns its body, or None at the end of a connection."""
    length = 0
    while True:
        line = await reader.readline()
        if not line:
            return None
        if line == b"\r\n":
            return await reader.readexactly(length)
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)


async def stream(writer, tokens, first, gap):
    loop = asyncio.get_running_loop()
    start = loop.time()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for i in range(tokens):
        await asyncio.sleep(max(0, start + first + i * gap - loop.time()))
        writer.write(event([{"index": 0, "text": " word", "finish_reason": None}]))
        await writer.drain()
    usage = {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}
    writer.write(event([], usage=usage))
    writer.write(chunk(b"[DONE]") + b"0\r\n\r\n")
    await writer.drain()


async def main():
    port, slots = int(sys.argv[2]), asyncio.Semaphore(int(sys.argv[3]))
    first, gap = float(sys.argv[4]) / 1e3, float(sys.argv[5]) / 1e3

    async def serve(reader, writer):
        try:
            while (body := await request_body(reader)) is not None:
                asked = json.loads(body or b"{}")
                async with slots:
                    await stream(writer, int(asked.get("max_tokens", 16)), first, gap)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


asyncio.run(main())
