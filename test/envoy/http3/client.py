"""An HTTP/3 client for tests. It reads one JSON request per line and writes one JSON answer per line.

A request: {"id", "connection", "port", "serverName", "authority", "path", "method", "headers", "certificate", "key"}.
Requests with the same connection use one QUIC connection. An answer: {"id", "status", "headers", "body"} or {"id", "error"}.
"""
import asyncio
import json
import ssl
import sys

from aioquic.asyncio import QuicConnectionProtocol, connect
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated

TIMEOUT = 8


class Client(QuicConnectionProtocol):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.http = H3Connection(self._quic)
        self.answers = {}

    def send(self, request):
        stream = self._quic.get_next_available_stream_id()
        done = asyncio.get_running_loop().create_future()
        self.answers[stream] = (done, {}, bytearray())
        headers = [
            (":method", request.get("method", "GET")),
            (":scheme", "https"),
            (":authority", request["authority"]),
            (":path", request.get("path", "/")),
            *request.get("headers", {}).items(),
        ]
        self.http.send_headers(stream, [(name.encode(), value.encode()) for name, value in headers], end_stream=True)
        self.transmit()
        return done

    def quic_event_received(self, event):
        if isinstance(event, ConnectionTerminated):
            for done, _, _ in self.answers.values():
                if not done.done():
                    done.set_exception(ConnectionError(event.reason_phrase or f"closed {event.error_code}"))
        for each in self.http.handle_event(event):
            if not isinstance(each, (HeadersReceived, DataReceived)):
                continue
            done, headers, body = self.answers[each.stream_id]
            if isinstance(each, HeadersReceived):
                headers.update((name.decode(), value.decode()) for name, value in each.headers)
            else:
                body.extend(each.data)
            if each.stream_ended and not done.done():
                done.set_result((headers, bytes(body)))


connections = {}


async def connection(request):
    key = request["connection"]
    known = connections.get(key)
    if known and not known[1]._closed.is_set():
        return known[1]
    configuration = QuicConfiguration(is_client=True, alpn_protocols=["h3"], server_name=request["serverName"])
    configuration.verify_mode = ssl.CERT_NONE
    if "certificate" in request:
        configuration.load_cert_chain(request["certificate"], request["key"])
    context = connect("127.0.0.1", request["port"], configuration=configuration, create_protocol=Client)
    client = await context.__aenter__()
    connections[key] = (context, client)
    return client


async def answer(request):
    try:
        client = await asyncio.wait_for(connection(request), request.get("patience", TIMEOUT))
        headers, body = await asyncio.wait_for(client.send(request), TIMEOUT)
        status = int(headers.pop(":status"))
        reply = {"status": status, "headers": headers, "body": body.decode("latin1")}
    except (Exception, asyncio.CancelledError) as error:
        reply = {"error": str(error) or type(error).__name__}
    print(json.dumps({"id": request["id"], **reply}), flush=True)


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = set()
    while line := await reader.readline():
        task = asyncio.create_task(answer(json.loads(line)))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
