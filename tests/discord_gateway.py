"""The gateway of the loopback Discord: a websocket, its sessions, and how it breaks."""

# ruff: noqa: ASYNC109 - a timeout argument reads better in a test than a block around each wait

import asyncio
import contextlib
import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from discord_state import State
from discord_world import APPLICATION_ID, BOT_ID, GUILDS, PRIVILEGED, Json, snowflake, user_payload


def packer(kind: str | None) -> Callable[[str], str | bytes]:
    """How the texts of one connection are sent: compressed, if its client asked for zlib."""
    if kind != "zlib-stream":
        return lambda text: text
    stream = zlib.compressobj()
    return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)


@dataclass(eq=False)
class Connection:
    """One websocket; what is sent waits in a queue, so that events keep their order."""

    socket: web.WebSocketResponse
    request: web.Request
    pack: Callable[[str], str | bytes]
    queue: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    def send(self, op: int, data: Any = None) -> None:
        self.queue.put_nowait(json.dumps({"op": op, "d": data, "s": None, "t": None}))

    async def write(self) -> None:
        with contextlib.suppress(ConnectionError):  # the reader sees it, too, and ends us
            while True:
                packed = self.pack(await self.queue.get())
                if isinstance(packed, str):
                    await self.socket.send_str(packed)
                else:
                    await self.socket.send_bytes(packed)

    def abort(self) -> None:
        if self.request.transport is not None:
            self.request.transport.abort()


@dataclass(eq=False)
class Session:
    """What Discord remembers of a client, so that it can resume."""

    events: deque[tuple[int, str]]
    id: str = field(default_factory=snowflake)
    sequence: int = 0


class Gateway(State):
    """The connection to the client; what is sent while it is away is replayed when it resumes.

    No privileged intent is switched on for the app.
    """

    def __init__(self, keep: int) -> None:
        super().__init__(keep)
        self.intents = self.identifies = self.resumes = 0
        self._open: set[Connection] = set()
        self._connection: Connection | None = None
        self._session: Session | None = None

    async def connected(self, timeout: float = 20) -> None:
        """Waits until a client is READY or has resumed."""
        await self.until(lambda: self._connection, "a client connected", timeout)

    def hang_up(self) -> None:
        """Ends all connections."""
        self._connection = None
        for connection in list(self._open):
            connection.abort()

    async def serve_gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        connection = Connection(socket, request, packer(request.query.get("compress")))
        self._open.add(connection)
        connection.send(10, {"heartbeat_interval": 41_250, "_trace": []})
        writer = asyncio.create_task(connection.write())
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(connection, json.loads(message.data))
        finally:
            writer.cancel()
            self._open.discard(connection)
            if self._connection is connection:
                self._connection = None
        return socket

    async def _receive(self, connection: Connection, packet: Json) -> None:
        op: int = packet["op"]
        data: Any = packet.get("d")
        if op == 1:
            connection.send(11)
        elif op in (2, 6) and data["token"] != self.token:
            await connection.socket.close(code=4004, message=b"Authentication failed.")
        elif op == 2:
            if data["intents"] & PRIVILEGED:
                await connection.socket.close(code=4014, message=b"Disallowed intent(s).")
                return
            self.intents = data["intents"]
            self.identifies += 1
            self._session = Session(deque(maxlen=self.keep))
            self._connection = connection
            self.dispatch("READY", self._ready(self._session, data.get("shard", [0, 1])))
            for guild in self.guild_ids if self.intents & GUILDS else []:
                self.dispatch("GUILD_CREATE", self.guild_payload(guild))
        elif op == 6:
            session, after = self._session, data["seq"] or 0
            first = session.events[0][0] if session and session.events else 1
            if session is None or data["session_id"] != session.id or after < first - 1:
                connection.send(9, data=False)
                return
            for number, text in session.events:
                if number > after:
                    connection.queue.put_nowait(text)
            self.resumes += 1
            self._connection = connection
            self.dispatch("RESUMED", {"_trace": []})
        self.changed()

    def _ready(self, session: Session, shard: list[int]) -> Json:
        payload: Json = {"v": 10, "user": user_payload(BOT_ID) | {"verified": True, "email": None}}
        payload |= {"session_id": session.id, "resume_gateway_url": self.gateway, "_trace": []}
        payload |= {"guilds": [{"id": str(one), "unavailable": True} for one in self.guild_ids]}
        payload |= {"application": {"id": str(APPLICATION_ID), "flags": 0}, "private_channels": []}
        return payload | {"shard": shard, "session_type": "normal"}

    def dispatch(self, event: str, data: Json) -> None:
        """Sends an event; one sent while the client is away is replayed when it resumes."""
        if (session := self._session) is None:
            return  # as on Discord, nobody gets it
        session.sequence += 1
        text = json.dumps({"op": 0, "s": session.sequence, "t": event, "d": data})
        session.events.append((session.sequence, text))
        if self._connection is not None:
            self._connection.queue.put_nowait(text)

    def _leave(self) -> Connection:
        """Gives up the connection, which the client is about to lose."""
        connection, self._connection = self._connection, None
        assert connection is not None, "no client is connected; await server.connected() first"
        return connection

    async def drop(self) -> None:
        """Cuts the connection without a word."""
        self._leave().abort()

    async def ask_reconnect(self) -> None:
        """Asks the client to connect anew and resume, as Discord does several times a day."""
        self._leave().send(7)

    async def invalidate(self, resumable: bool) -> None:
        """Tells the client that its session is invalid; unless resumable, it is forgotten."""
        self._leave().send(9, resumable)
        if not resumable:
            self._session = None
