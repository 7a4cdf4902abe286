"""The frame of the REST API of the loopback Discord: routes, bodies, errors and faults."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web
from discord_rules import Refusal
from discord_state import State
from discord_world import Json

CUT, LOST = 0, -1  # in place of a status: the connection is cut before, or after

Handler = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


@dataclass
class Fault:
    """REST calls that are to fail, and how."""

    method: str
    path: re.Pattern[str]
    status: int
    times: int
    retry_after: float
    code: int

    def response(self) -> web.Response:
        if self.status == 429:
            body: Json = {"message": "You are being rate limited.", "global": False}
            headers = {"Via": "1.1 google", "Retry-After": str(int(self.retry_after) + 1)}
            headers |= {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "0"}
            headers |= {"X-RateLimit-Reset": f"{time.time() + self.retry_after:.3f}"}
            headers |= {"X-RateLimit-Reset-After": f"{self.retry_after:.3f}"}
            headers |= {"X-RateLimit-Scope": "user"}
            body["retry_after"] = self.retry_after
            return answer(body, 429, headers)
        if self.status >= 500 and not self.code:  # from the proxy before Discord, in HTML
            return web.Response(status=self.status, text="<html></html>", content_type="text/html")
        message = f"{self.status}: {HTTPStatus(self.status).phrase}"
        return answer({"message": message, "code": self.code}, self.status)


def _cut_off(request: web.Request) -> web.Response:
    """Nothing that the client will see: its connection is gone."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON with the very content type that discord.py looks for."""
    headers = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=headers)


@dataclass
class Call:
    """One REST request, read."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any = None


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Names a REST route; ``{name}`` stands for one part of its path."""

    def add(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        ROUTES.append((method, pattern, handler))
        return handler

    return add


class Rest:
    """Answers what is asked of *server*, and stumbles where it was told to."""

    def __init__(self, server: State) -> None:
        self._server = server
        self._faults: list[Fault] = []

    def fail(  # noqa: PLR0917 - all but the first three are mostly named
        self,
        method: str,
        path: str,
        status: int,
        times: int = 1,
        retry_after: float = 0.05,
        code: int = 0,
    ) -> None:
        """Lets the next calls whose path (after /api/v10) the pattern is found in fail.

        The statuses CUT and LOST cut the connection instead, before a call is heeded or after.
        """
        self._faults.append(Fault(method, re.compile(path), status, times, retry_after, code))

    def _fault(self, call: Call) -> Fault | None:
        """The fault that strikes this call, if any; it is counted."""
        for fault in self._faults:
            if fault.method == call.method and fault.path.search(call.path):
                fault.times -= 1
                self._faults = [one for one in self._faults if one.times > 0]
                return fault
        return None

    async def serve(self, request: web.Request) -> web.Response:
        call = Call(request.method, request.path.removeprefix("/api/v10"), request.query)
        self._server.requests.append((call.method, call.path))
        self._server.forget(self._server.requests)
        try:
            fault = self._fault(call)
            if fault is not None and fault.status == CUT:
                return _cut_off(request)
            if fault is not None and fault.status != LOST:
                return fault.response()
            if raw := await request.read():
                call.body = json.loads(raw)
            bare = call.path.startswith(("/webhooks/", "/interactions/"))  # their token suffices
            if not bare and request.headers.get("Authorization") != f"Bot {self._server.token}":
                raise Refusal(401, 0, "401: Unauthorized")
            for method, pattern, handler in ROUTES:
                if method == call.method and (found := pattern.fullmatch(call.path)):
                    body = handler(self._server, call, **found.groupdict())
                    if fault is not None:
                        return _cut_off(request)
                    return web.Response(status=204) if body is None else answer(body)
            raise Refusal(404, 0, "404: Not Found", told="not a route of this server")
        except Refusal as refusal:
            if refusal.told:
                self._server.tell(f"{call.method} {call.path}: {refusal} ({refusal.told})")
            return answer(refusal.body, refusal.status)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._server.tell(f"{call.method} {call.path}: misshapen: {error!r}")
            return answer({"message": "400: Bad Request", "code": 0}, 400)
        finally:
            self._server.changed()
