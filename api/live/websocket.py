"""The WebSocket `/ws`: requests come in, and what is followed goes out."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.errors import ApiError
from api.live.access import PROTOCOL, check_access, check_room, protocols
from api.live.client import Client
from api.live.feeds import LiveFeeds
from api.live.messages import Message
from api.live.origin import check_origin
from api.live.subscriptions import handle
from api.live.transport import FRAMES
from api.problems import problem


class LiveWebSocket:
    """The endpoint, as an ASGI application: it sends ready frames, which Starlette's WebSocket does not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a client in, and serve it until it leaves."""
        socket = WebSocket(scope, receive, send)
        feeds: LiveFeeds = socket.app.state.live
        try:
            check_origin(socket.headers)
            await check_access(socket)
            check_room(feeds.hub)
        except ApiError as error:
            await socket.send_denial_response(problem(socket.url.path, error))
            return
        client = feeds.hub.join("websocket")
        try:
            await socket.accept(PROTOCOL if PROTOCOL in protocols(socket) else None)
            async with asyncio.TaskGroup() as tasks:
                sender = tasks.create_task(_send_on(client, feeds, send, FRAMES in scope["extensions"]))
                await _receive_on(client, feeds, socket)
                sender.cancel()
        except* (WebSocketDisconnect, OSError):
            pass  # How every connection ends.
        finally:
            feeds.hub.leave(client)


async def _receive_on(client: Client, feeds: LiveFeeds, socket: WebSocket) -> None:
    """Do what the client asks for; raises :class:`WebSocketDisconnect` in the end."""
    while True:
        # Who does not read the answers is not asked for more questions.
        while client.outbox.is_full_of_replies:
            client.read_replies.clear()
            await client.read_replies.wait()
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        text = message.get("text")
        await handle(message["bytes"] if text is None else text, client, feeds.hub, feeds.symbols)


async def _send_on(client: Client, feeds: LiveFeeds, send: Send, takes_frames: bool) -> None:
    """Send what waits for the client, as fast as it reads; raises :class:`OSError` when it is gone."""
    while True:
        await client.wake.wait()
        client.wake.clear()
        while batch := client.take():
            if takes_frames:
                await send({"type": FRAMES, "frames": b"".join([message.frame for message in batch])})
            else:
                await _send_one_by_one(send, batch)
            feeds.hub.note_sent(client, batch)


async def _send_one_by_one(send: Send, batch: list[Message]) -> None:
    for message in batch:
        await send({"type": "websocket.send", "text": message.json.decode()})
