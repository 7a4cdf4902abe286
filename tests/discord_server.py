"""A small Discord on 127.0.0.1, for tests: the gateway's websocket and the REST API over TCP.

An unmodified discord.py program, started by launch_bot.py, logs in here, syncs its commands and
answers. A test acts as the users: it sends commands, presses buttons, says things, breaks the
connection. Whatever Discord would refuse is refused here with Discord's codes, and told in
``server.refused``. The server runs in the test's own event loop.
"""
# ruff: noqa: ASYNC109 - a timeout argument reads better in a test than a block around each wait

import asyncio
import contextlib
import itertools
import json
import mimetypes
import re
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Self, TypedDict, Unpack
from urllib.parse import quote, urlsplit

from aiohttp import WSMsgType, web

Json = dict[str, Any]

APPLICATION_ID = BOT_ID = 800_000_000_000_000_001
OTHER_BOT = 800_000_000_000_000_002
GUILD, OTHER_GUILD = 900_000_000_000_000_001, 900_000_000_000_000_002
CHANNEL, SECOND_CHANNEL = 910_000_000_000_000_001, 910_000_000_000_000_002
OTHER_CHANNEL = 910_000_000_000_000_003
USER, OTHER_USER, OWNER = (920_000_000_000_000_001 + number for number in range(3))
BOT_ROLE = 930_000_000_000_000_001

MANAGE_GUILD = 1 << 5
# See, write, embed, attach, read back, react, use commands, write in threads.
ORDINARY = sum(1 << bit for bit in (6, 10, 11, 14, 15, 16, 18, 31, 38))

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # flags of messages
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1, 1 << 9, 1 << 12, 1 << 15  # intents
PRIVILEGED = 1 << 1 | 1 << 8 | MESSAGE_CONTENT  # members, presences, message content
SELECTS = (3, 5, 6, 7, 8)  # string, user, role, mentionable, channel
CUT, LOST = 0, -1  # in place of a status: the connection is cut before, or after
WITHIN = 3.0  # seconds an app has to acknowledge an interaction
LASTS = 900.0  # seconds an interaction's token lives


NAMES = {BOT_ID: "byline", OTHER_BOT: "other", USER: "ada", OTHER_USER: "grace", OWNER: "joan"}

# The parts of Discord's objects that are always the same here, as they stand on the wire.
USER_FIELDS: Json = json.loads("""{
    "avatar": null, "discriminator": "0", "public_flags": 0, "avatar_decoration_data": null}""")
MEMBER_FIELDS: Json = json.loads("""{
    "nick": null, "flags": 0, "avatar": null, "banner": null, "deaf": false, "mute": false,
    "joined_at": "2024-01-01T00:00:00+00:00", "pending": false, "premium_since": null,
    "communication_disabled_until": null}""")
CHANNEL_FIELDS: Json = json.loads("""{
    "topic": null, "nsfw": false, "flags": 0, "parent_id": null, "last_message_id": null,
    "rate_limit_per_user": 0, "permission_overwrites": []}""")
ROLE_FIELDS: Json = json.loads("""{
    "color": 0, "colors": {"primary_color": 0}, "hoist": false, "icon": null, "flags": 0,
    "managed": false, "mentionable": false, "position": 0}""")
GUILD_FIELDS: Json = json.loads("""{
    "emojis": [], "stickers": [], "features": [], "threads": [], "voice_states": [],
    "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    "joined_at": "2024-01-01T00:00:00+00:00", "preferred_locale": "en-US", "icon": null,
    "splash": null, "banner": null, "description": null, "afk_timeout": 300, "mfa_level": 0,
    "verification_level": 0, "default_message_notifications": 0, "explicit_content_filter": 0,
    "nsfw_level": 0, "premium_tier": 0, "premium_progress_bar_enabled": false, "large": false,
    "system_channel_flags": 0, "unavailable": false, "member_count": 3}""")
MESSAGE_FIELDS: Json = json.loads("""{
    "type": 0, "content": "", "embeds": [], "attachments": [], "components": [], "mentions": [],
    "mention_roles": [], "mention_everyone": false, "pinned": false, "tts": false, "flags": 0,
    "edited_timestamp": null}""")
APPLICATION_FIELDS: Json = json.loads("""{
    "name": "Byline", "description": "", "icon": null, "bot_public": true, "team": null,
    "bot_require_code_grant": false, "flags": 0}""")


class Who(TypedDict, total=False):
    """Who does something, and where: unless told, USER in the first channel of GUILD.

    No guild means the user's own channel with the bot. A channel decides over the guild.
    ``permissions`` are those of the member.
    """

    user: int
    guild: int | None
    channel: int | None
    permissions: int | None


@dataclass(frozen=True)
class Actor:
    """A user who does something in a channel."""

    user: int
    channel: int
    permissions: int


# What Discord refuses -----------------------------------------------------------------------


def length(text: str) -> int:
    """UTF-16 code units, the strictest way in which Discord and its apps count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class Refusal(Exception):
    """A request that Discord answers with an error."""

    def __init__(
        self, status: int, code: int, message: str, *, errors: Json | None = None, told: str = ""
    ) -> None:
        super().__init__(message)
        self.status, self.told = status, told
        self.body: Json = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


@dataclass
class Form:
    """What is wrong with one body: path, code and message of each fault."""

    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, path: str, message: str, code: str = "BASE_TYPE_BAD_VALUE") -> None:
        self.wrong.append((path, code, message))

    def text(self, path: str, value: Any, least: int, most: int) -> None:
        """A string of so many characters; one that may be empty may also be missing."""
        if value is None and not least:
            return
        if not isinstance(value, str) or (least and not value.strip()):
            self.add(path, "This field is required", "BASE_TYPE_REQUIRED")
        elif length(value.strip()) < least or length(value) > most:
            self.add(path, f"Must be between {least} and {most} in length.", "BASE_TYPE_BAD_LENGTH")

    def count(self, path: str, items: Sequence[Any], least: int, most: int) -> None:
        if not least <= len(items) <= most:
            code = "BASE_TYPE_BAD_LENGTH"
            self.add(path, f"Must be between {least} and {most} in length.", code)

    def url(self, path: str, value: Any, most: int = 2048, *, also: tuple[str, ...] = ()) -> None:
        """A missing address, or one that Discord would take."""
        if value is None:
            return
        self.text(path, value, 1, most)
        try:
            parts = urlsplit(str(value))
            good = parts.scheme in ("http", "https", *also) and bool(parts.hostname)
            good = good and parts.port != 0 and not re.search(r"[\s<>\"\x00-\x1f]", str(value))
        except ValueError:
            good = False
        if not good:
            self.add(path, f"Not a well formed URL: {value!r}", "URL_TYPE_INVALID_URL")

    def refuse(self) -> None:
        """Raises what was found, as the tree that Discord sends."""
        if not self.wrong:
            return
        tree: Json = {}
        for path, code, message in self.wrong:
            node = tree
            for step in path.split("."):
                node = node.setdefault(step, {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        told = "; ".join(f"{path}: {message}" for path, _, message in self.wrong)
        raise Refusal(400, 50035, "Invalid Form Body", errors=tree, told=told)


EMBED_TEXTS = {"title": 256, "description": 4096, "footer.text": 2048, "author.name": 256}


def check_embeds(form: Form, embeds: Sequence[Json]) -> None:
    form.count("embeds", embeds, 0, 10)
    total = 0
    for number, embed in enumerate(embeds):
        at = f"embeds.{number}"
        author, footer = embed.get("author") or {}, embed.get("footer") or {}
        fields, inner = embed.get("fields") or [], {"author": author, "footer": footer}
        texts: dict[str, tuple[Any, int]] = {}
        for name, most in EMBED_TEXTS.items():
            part, _, key = name.rpartition(".")
            texts[name] = (inner.get(part, embed).get(key), most)
        for name, (value, most) in texts.items():
            form.text(f"{at}.{name}", value, 0, most)
        form.count(f"{at}.fields", fields, 0, 25)
        for index, item in enumerate(fields):
            for name, most in (("name", 256), ("value", 1024)):
                form.text(f"{at}.fields.{index}.{name}", item.get(name), 1, most)
                total += length(str(item.get(name) or ""))
        total += sum(length(str(value or "")) for value, _ in texts.values())
        for name, value in (("url", embed.get("url")), ("author.url", author.get("url"))):
            form.url(f"{at}.{name}", value)
        pictures = [(embed.get(name) or {}).get("url") for name in ("image", "thumbnail")]
        pictures += [author.get("icon_url"), footer.get("icon_url")]
        for value in pictures:
            form.url(f"{at}.image.url", value, also=("attachment",))
        said = any((value or "").strip() for value, _ in texts.values())
        if not (fields or said or any(pictures)):
            form.add(f"{at}.description", "This field is required", "BASE_TYPE_REQUIRED")
    if total > 6000:
        form.add("embeds", f"{total} characters in all, at most 6000", "MAX_EMBED_SIZE_EXCEEDED")


def walk(components: Sequence[Json], at: str = "components") -> Iterator[tuple[str, Json]]:
    """Every component of a message or modal, however deep, with its path."""
    for number, component in enumerate(components):
        here = f"{at}.{number}"
        yield here, component
        yield from walk(component.get("components") or [], f"{here}.components")
        for name in ("component", "accessory"):
            if component.get(name):
                yield f"{here}.{name}", component[name]


def check_inputs(form: Form, components: Sequence[Json]) -> None:
    """What holds for buttons, selects and text inputs wherever they stand."""
    taken: set[str] = set()
    for at, component in walk(components):
        kind, custom_id = component.get("type"), component.get("custom_id")
        options = component.get("options") or []
        if custom_id in taken:
            form.add(f"{at}.custom_id", "Custom id cannot be duplicated", "DUPLICATED_CUSTOM_ID")
        if custom_id is not None:
            taken.add(custom_id)
        link = kind == 2 and component.get("style") == 5
        if link and custom_id is not None:
            form.add(f"{at}.custom_id", "A link button has no custom id")
        elif kind in (2, 4, *SELECTS) and not link:
            form.text(f"{at}.custom_id", custom_id, 1, 100)
        if kind == 2:
            form.text(f"{at}.label", component.get("label"), 0, 80)
            if component.get("style") not in range(1, 6):
                form.add(f"{at}.style", "Must be one of (1, 2, 3, 4, 5)", "BASE_TYPE_CHOICES")
            if not component.get("label") and not component.get("emoji"):
                form.add(f"{at}.label", "A button needs a label or an emoji", "BASE_TYPE_REQUIRED")
            if link or component.get("url"):
                form.url(f"{at}.url", component.get("url") or "", 512, also=("discord",))
            if not link and component.get("url"):
                form.add(f"{at}.url", "Only a link button has an address")
        elif kind in SELECTS:
            form.text(f"{at}.placeholder", component.get("placeholder"), 0, 150)
            least, most = component.get("min_values", 1), component.get("max_values", 1)
            if not (0 <= least <= most and 1 <= most <= 25):
                form.add(f"{at}.max_values", f"min_values {least}, max_values {most}")
            if kind == 3:
                form.count(f"{at}.options", options, 1, 25)
                if len({option.get("value") for option in options}) < len(options):
                    form.add(f"{at}.options", "Values cannot be duplicated")
                if most > len(options) or sum(bool(o.get("default")) for o in options) > most:
                    form.add(f"{at}.options", f"max_values {most} of {len(options)} options")
        elif kind == 4:
            least, most = component.get("min_length") or 0, component.get("max_length") or 4000
            form.text(f"{at}.placeholder", component.get("placeholder"), 0, 100)
            form.text(f"{at}.value", component.get("value"), 0, most)
            if not (0 <= least <= most and 1 <= most <= 4000):
                form.add(f"{at}.max_length", f"min_length {least}, max_length {most}")
            if component.get("style") not in (1, 2):
                form.add(f"{at}.style", "Must be one of (1, 2)", "BASE_TYPE_CHOICES")
        elif kind == 10:
            form.text(f"{at}.content", component.get("content"), 1, 4000)
        for number, option in enumerate(options):
            for name, fewest in (("label", 1), ("value", 1), ("description", 0)):
                form.text(f"{at}.options.{number}.{name}", option.get(name), fewest, 100)


def check_components(form: Form, components: Sequence[Json], flags: int) -> None:
    """The components of a message, in the old layout or, if its flags say so, the new one."""
    everything = list(walk(components))
    if flags & COMPONENTS_V2:
        form.count("components", everything, 1, 40)
        if sum(length(part.get("content") or "") for _, part in everything) > 4000:
            form.add("components", "More than 4000 characters of text")
    else:
        form.count("components", components, 0, 5)
    for at, part in everything:
        if part["type"] == 1:
            kinds = [child["type"] for child in part.get("components") or []]
            form.count(f"{at}.components", kinds, 1, 5)
            if set(kinds) - {2} and not (len(kinds) == 1 and kinds[0] in SELECTS):
                form.add(f"{at}.components", "A row holds buttons, or one select")
        elif not flags & COMPONENTS_V2 and at.count(".") == 1:
            form.add(f"{at}.type", "Must be an action row", "BASE_TYPE_CHOICES")
    check_inputs(form, components)


def check_modal(form: Form, modal: Json) -> None:
    components = modal.get("components") or []
    form.text("data.title", modal.get("title"), 1, 45)
    form.text("data.custom_id", modal.get("custom_id"), 1, 100)
    form.count("data.components", components, 1, 5)
    for number, part in enumerate(components):
        at = f"data.components.{number}"
        if part["type"] == 1:  # the older layout: a row of one text input with its own label
            inputs = part.get("components") or []
            if [child["type"] for child in inputs] != [4]:
                form.add(f"{at}.components", "A row of a modal holds one text input")
            else:
                form.text(f"{at}.components.0.label", inputs[0].get("label"), 1, 45)
        elif part["type"] == 18:
            form.text(f"{at}.label", part.get("label"), 1, 45)
            form.text(f"{at}.description", part.get("description"), 0, 100)
            if (part.get("component") or {}).get("label"):
                form.add(f"{at}.component.label", "The label around it has the text")
        elif part["type"] != 10:
            form.add(f"{at}.type", "Must be a row, a label or text", "BASE_TYPE_CHOICES")
    check_inputs(form, components)


def check_choices(form: Form, at: str, choices: Sequence[Json]) -> None:
    form.count(at, choices, 0, 25)
    for number, choice in enumerate(choices):
        form.text(f"{at}.{number}.name", choice.get("name"), 1, 100)
        if not isinstance(choice.get("value"), int | float):
            form.text(f"{at}.{number}.value", choice.get("value"), 1, 100)


def check_command(form: Form, at: str, command: Json, *, option: bool = False) -> None:
    """A command, or an option within one: both have names, descriptions and options."""
    kind, name, options = command.get("type", 1), command.get("name"), command.get("options") or []
    if option or kind == 1:
        form.text(f"{at}.description", command.get("description"), 1, 100)
        if not re.fullmatch(r"[-_'\w]{1,32}", str(name)) or name != str(name).lower():
            form.add(f"{at}.name", f"{name!r} is no name", "APPLICATION_COMMAND_INVALID_NAME")
    else:
        form.text(f"{at}.name", name, 1, 32)
        if options or command.get("description"):
            form.add(f"{at}.description", "A context menu has no description and no options")
    form.count(f"{at}.options", options, 0, 25)
    if option:
        check_choices(form, f"{at}.choices", command.get("choices") or [])
        if command.get("choices") and command.get("autocomplete"):
            form.add(f"{at}.autocomplete", "Either choices or autocompletion")
    if len({one.get("name") for one in options}) < len(options):
        form.add(f"{at}.options", "Names cannot be duplicated")
    wanted = [bool(one.get("required")) for one in options]
    if wanted != sorted(wanted, reverse=True):
        message = "Required options must be placed before non-required options"
        form.add(f"{at}.options", message, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID")
    for number, one in enumerate(options):
        check_command(form, f"{at}.options.{number}", one, option=True)


# People, places and connections -------------------------------------------------------------

_counter = itertools.count()


def snowflake() -> str:
    """A new id, later than all before, as Discord makes them: the time and a counter."""
    return str((int(time.time() * 1000) - 1_420_070_400_000) << 22 | next(_counter) & 0x3FFFFF)


def now() -> str:
    return datetime.now(UTC).isoformat()


def dm_channel(user: int) -> int:
    """The channel in which the bot and a user write to each other."""
    return user + 1_000_000


def user_payload(user: int) -> Json:
    name = NAMES.get(user, f"user{user}")
    bot = user in (BOT_ID, OTHER_BOT)
    return USER_FIELDS | {"id": str(user), "username": name, "global_name": name, "bot": bot}


def member_payload(user: int) -> Json:
    return MEMBER_FIELDS | {"roles": [str(BOT_ROLE)] if user == BOT_ID else []}


def packer(kind: str | None) -> Callable[[str], str | bytes]:
    """How the texts of one connection are sent, by the compression its client asked for."""
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda text: stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream":  # asked for where one of these is installed
        try:
            import zstandard  # type: ignore[import-not-found]
        except ImportError:
            from compression.zstd import ZstdCompressor  # type: ignore[import-not-found]

            zstd = ZstdCompressor()
            return lambda text: zstd.compress(text.encode(), mode=zstd.FLUSH_BLOCK)
        frames = zstandard.ZstdCompressor().compressobj()
        block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return lambda text: frames.compress(text.encode()) + frames.flush(block)
    return lambda text: text


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
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(eq=False)
class Exchange:
    """One thing that a user did, and all that the bot answered to it."""

    server: "DiscordServer" = field(repr=False)
    id: str
    token: str
    kind: int  # 0 a message, 2 command, 3 component, 4 autocompletion, 5 modal
    user: int
    channel: int
    name: str = ""  # the command's, as in /name
    source: Json | None = None  # the message said, pressed or asked about
    sent: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    callback: Json | None = None
    acknowledged_after: float | None = None
    ephemeral: bool = False
    choices: list[Json] | None = None
    modal: Json | None = None
    expired: bool = False
    message_ids: list[str] = field(default_factory=list)  # the original first
    answer_id: str | None = None

    @property
    def messages(self) -> list[Json]:
        """The messages as they are now: the original, then what followed."""
        known = self.server.messages
        return [known[name] for name in self.message_ids if name in known]

    @property
    def pending(self) -> bool:
        """True while the user still waits: nothing came, or only “thinking”."""
        return self.callback is None or any(one["flags"] & LOADING for one in self.messages[:1])

    def expire(self) -> None:
        """Makes the token dead, as after 15 minutes."""
        self.expired = True

    async def acknowledged(self, timeout: float = 5) -> Json:
        """The callback, once it has come."""
        await self.server.until(lambda: self.callback, f"{self.name} acknowledged", timeout)
        assert self.callback is not None
        return self.callback

    async def answered(self, timeout: float = 10) -> Json:
        """The message that the user sees in the end, not the one that says “thinking”.

        To something said this is the first reply to it. It is a snapshot: later edits show in
        ``messages``.
        """
        await self.server.until(lambda: self.answer_id, f"{self.name} answered", timeout)
        assert self.answer_id is not None
        return self.server.messages[self.answer_id]


# The server ---------------------------------------------------------------------------------

Handler = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def route(method: str, path: str) -> Callable[[Handler], Handler]:
    """Names a REST route; ``{name}`` stands for one part of its path."""

    def add(handler: Handler) -> Handler:
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        ROUTES.append((method, pattern, handler))
        return handler

    return add


class DiscordServer:
    """Discord, as far as a bot sees it; ``async with DiscordServer() as server`` starts it.

    ``keep`` bounds what is remembered of exchanges, messages, events and requests, so that it
    can run for hours. ``allowed_intents`` are the privileged intents switched on for the app.
    """

    def __init__(self, *, keep: int = 10_000, allowed_intents: int = 0) -> None:
        self.keep, self.allowed_intents = keep, allowed_intents
        self.token = "dGVzdA.bG9vcGJhY2s.only-for-tests"
        self.guild_ids = [GUILD, OTHER_GUILD]
        self.channels = {CHANNEL: GUILD, SECOND_CHANNEL: GUILD, OTHER_CHANNEL: OTHER_GUILD}
        self.app_permissions = ORDINARY
        self.intents = self.identifies = self.resumes = 0
        self.messages: dict[str, Json] = {}
        self.posted: list[Json] = []
        self.refused: list[str] = []
        self.requests: list[tuple[str, str]] = []
        self.exchanges: dict[str, Exchange] = {}
        self._commands: dict[int | None, list[Json]] = {None: []}
        self._dms: dict[int, int] = {}
        self._nonces: dict[str, str] = {}
        self._uploads: dict[str, tuple[str, bytes]] = {}
        self._unread: deque[Json] = deque(maxlen=keep)
        self._faults: list[Fault] = []
        self._waiters: list[tuple[Callable[[], Any], asyncio.Future[None]]] = []
        self._open: set[Connection] = set()
        self._connection: Connection | None = None
        self._session: Session | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 << 20)
        app.router.add_get("/gateway", self._serve_gateway)
        app.router.add_get("/attachments/{key}/{name}", self._serve_upload)
        app.router.add_route("*", "/api/v10/{path:.*}", self._serve_rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.api = f"http://127.0.0.1:{self._port}/api/v10"
        self.gateway = f"ws://127.0.0.1:{self._port}/gateway"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection = None
        for connection in list(self._open):
            connection.abort()
        await self._runner.cleanup()

    def environment(self) -> dict[str, str]:
        """What a bot started by launch_bot.py needs to find and enter this server."""
        found = {"DISCORD_TEST_API": self.api, "DISCORD_TEST_GATEWAY": self.gateway}
        return found | {"DISCORD_TOKEN": self.token}

    @property
    def commands(self) -> list[Json]:
        """All commands that the app has synced, global ones and those of guilds."""
        return [command for scope in self._commands.values() for command in scope]

    def unanswered(self) -> list[Exchange]:
        """Interactions whose user still waits."""
        return [one for one in self.exchanges.values() if one.kind and one.pending]

    # Waiting, forgetting

    async def until(
        self, condition: Callable[[], Any], what: str = "the condition", timeout: float = 10
    ) -> None:
        """Waits until a condition holds; it is looked at whenever the client did something."""
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout):
                self._changed()
                await waiter[1]
        except TimeoutError:
            tail = f"; refused: {self.refused[-5:]}; requests: {self.requests[-5:]}"
            raise TimeoutError(f"not within {timeout} s: {what}{tail}") from None
        finally:
            self._waiters.remove(waiter)

    async def connected(self, timeout: float = 20) -> None:
        """Waits until a client is READY or has resumed."""
        await self.until(lambda: self._connection, "a client connected", timeout)

    async def next_post(self, timeout: float = 10) -> Json:
        """The next message posted to a channel, each given once."""
        await self.until(lambda: self._unread, "a message posted", timeout)
        return self._unread.popleft()

    def _changed(self) -> None:
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)

    def _forget(self, kept: MutableMapping[Any, Any] | list[Any]) -> None:
        if isinstance(kept, list):
            del kept[: -self.keep]
        else:
            for name in list(itertools.islice(kept, max(0, len(kept) - self.keep))):
                del kept[name]

    def _tell(self, line: str) -> None:
        self.refused.append(line)
        self._forget(self.refused)

    # The gateway

    async def _serve_gateway(self, request: web.Request) -> web.WebSocketResponse:
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
            if data["intents"] & PRIVILEGED & ~self.allowed_intents:
                await connection.socket.close(code=4014, message=b"Disallowed intent(s).")
                return
            self.intents = data["intents"]
            self.identifies += 1
            self._session = Session(deque(maxlen=self.keep))
            self._connection = connection
            self.dispatch("READY", self._ready(self._session, data.get("shard", [0, 1])))
            for guild in self.guild_ids if self.intents & GUILDS else []:
                self.dispatch("GUILD_CREATE", self._guild(guild))
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
        self._changed()

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

    # REST: the frame

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

    async def _serve_rest(self, request: web.Request) -> web.Response:
        call = Call(request.method, request.path.removeprefix("/api/v10"), request.query)
        self.requests.append((call.method, call.path))
        self._forget(self.requests)
        cut: int | None = None
        try:
            for fault in self._faults:
                if fault.method == call.method and fault.path.search(call.path):
                    fault.times -= 1
                    self._faults = [one for one in self._faults if one.times > 0]
                    if fault.status in (CUT, LOST):
                        cut = fault.status
                        break
                    return fault.response()
            if cut == CUT:
                return _cut_off(request)
            await self._read(request, call)
            bare = call.path.startswith(("/webhooks/", "/interactions/"))  # their token suffices
            if not bare and request.headers.get("Authorization") != f"Bot {self.token}":
                raise Refusal(401, 0, "401: Unauthorized")
            for method, pattern, handler in ROUTES:
                if method == call.method and (found := pattern.fullmatch(call.path)):
                    body = handler(self, call, **found.groupdict())
                    if cut == LOST:
                        return _cut_off(request)
                    return web.Response(status=204) if body is None else answer(body)
            raise Refusal(404, 0, "404: Not Found", told="not a route of this server")
        except Refusal as refusal:
            if refusal.told:
                self._tell(f"{call.method} {call.path}: {refusal} ({refusal.told})")
            return answer(refusal.body, refusal.status)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._tell(f"{call.method} {call.path}: misshapen: {error!r}")
            return answer({"message": "400: Bad Request", "code": 0}, 400)
        finally:
            self._changed()

    async def _read(self, request: web.Request, call: Call) -> None:
        if request.content_type.startswith("multipart/"):
            for name, part in (await request.post()).items():
                if isinstance(part, web.FileField):
                    with part.file:
                        call.files[name] = (part.filename, part.file.read())
                elif name == "payload_json":
                    call.body = json.loads(part)
        elif raw := await request.read():
            call.body = json.loads(raw)

    async def _serve_upload(self, request: web.Request) -> web.Response:
        if (found := self._uploads.get(request.match_info["key"])) is None:
            raise web.HTTPNotFound
        return web.Response(body=found[1], headers={"Content-Type": found[0]})

    # REST: the app, its guilds and its commands

    @route("GET", "/users/@me")
    def _get_me(self, _: Call) -> Json:
        return user_payload(BOT_ID) | {"verified": True, "email": None, "mfa_enabled": True}

    @route("GET", "/(?:oauth2/)?applications/@me")
    def _get_application(self, _: Call) -> Json:
        owner = {"owner": user_payload(OWNER), "verify_key": "0" * 64}
        return APPLICATION_FIELDS | owner | {"id": str(APPLICATION_ID)}

    @route("POST", "/users/@me/channels")
    def _open_dm(self, call: Call) -> Json:
        user = int(call.body["recipient_id"])
        self._dms[dm_channel(user)] = user
        return self._channel(dm_channel(user))

    @route("GET", "/channels/{channel}")
    def _get_channel(self, _: Call, channel: str) -> Json:
        return self._channel(int(channel))

    @route("GET", "/applications/{app}/commands")
    @route("GET", "/applications/{app}/guilds/{guild}/commands")
    def _get_commands(self, _: Call, app: str, guild: str | None = None) -> list[Json]:
        return self._scope(app, guild)

    @route("PUT", "/applications/{app}/commands")
    @route("PUT", "/applications/{app}/guilds/{guild}/commands")
    def _put_commands(self, call: Call, app: str, guild: str | None = None) -> list[Json]:
        before, form = self._scope(app, guild), Form()
        named = [(command.get("type", 1), command["name"]) for command in call.body]
        for number, command in enumerate(call.body):
            check_command(form, str(number), command)
            if named.index(named[number]) < number:
                form.add(f"{number}.name", "Application command names must be unique")
        form.refuse()
        ids = {(command["type"], command["name"]): command["id"] for command in before}
        before[:] = [
            self._registered(command, guild, ids.get(name))
            for name, command in zip(named, call.body, strict=True)
        ]
        return before

    @route("POST", "/applications/{app}/commands")
    @route("POST", "/applications/{app}/guilds/{guild}/commands")
    def _post_command(self, call: Call, app: str, guild: str | None = None) -> Json:
        scope, name = self._scope(app, guild), (call.body.get("type", 1), call.body.get("name"))
        rest = [one for one in scope if (one["type"], one["name"]) != name]
        self._put_commands(Call(call.method, call.path, {}, [*rest, call.body]), app, guild)
        return scope[-1]

    def _scope(self, app: str, guild: str | None) -> list[Json]:
        if int(app) != APPLICATION_ID or (guild and int(guild) not in self.guild_ids):
            raise Refusal(403, 50001, "Missing Access", told="of another app or guild")
        return self._commands.setdefault(int(guild) if guild else None, [])

    def _registered(self, command: Json, guild: str | None, name: str | None) -> Json:
        found = {"type": 1, "options": [], "description": "", "nsfw": False, **command}
        permissions = found.get("default_member_permissions")
        found["default_member_permissions"] = None if permissions is None else str(permissions)
        found |= {"id": name or snowflake(), "application_id": str(APPLICATION_ID)}
        return found | {"version": snowflake()} | ({"guild_id": guild} if guild else {})

    # REST: messages in channels

    @route("POST", "/channels/{channel}/typing")
    def _type(self, _: Call, channel: str) -> None:
        self._channel(int(channel))

    @route("POST", "/channels/{channel}/messages")
    def _post_message(self, call: Call, channel: str) -> Json:
        self._channel(int(channel))
        nonce = call.body.get("nonce")
        if call.body.get("enforce_nonce") and self._nonces.get(nonce) in self.messages:
            return self.messages[self._nonces[nonce]]
        reference = call.body.get("message_reference") or {}
        original = self.messages.get(str(reference.get("message_id")))
        if reference and not original and reference.get("fail_if_not_exists", True):
            form = Form()
            code = "MESSAGE_REFERENCE_UNKNOWN_MESSAGE"
            form.add("message_reference", "Unknown message", code)
            form.refuse()
        message = self._message(BOT_ID, int(channel), reply_to=original)
        call.body["flags"] = (call.body.get("flags") or 0) & ~EPHEMERAL
        message = self._compose(call, message, call.body, new=True)
        if nonce is not None:
            self._nonces[nonce], message["nonce"] = message["id"], nonce
            self._forget(self._nonces)
        self._store(message, "MESSAGE_CREATE")
        self.posted.append(message)
        self._forget(self.posted)
        self._unread.append(message)
        if original and (exchange := self.exchanges.get(original["id"])):
            exchange.message_ids.append(message["id"])
            exchange.answer_id = exchange.answer_id or message["id"]
        return message

    @route("GET", "/channels/{channel}/messages/{message}")
    def _get_message(self, _: Call, channel: str, message: str) -> Json:
        return self._seen(self._in_channel(channel, message))

    @route("PATCH", "/channels/{channel}/messages/{message}")
    def _patch_message(self, call: Call, channel: str, message: str) -> Json:
        found = self._in_channel(channel, message)
        if found["author"]["id"] != str(BOT_ID):
            raise Refusal(
                403, 50005, "Cannot edit a message authored by another user", told=message
            )
        return self._edit(call, found, call.body)

    @route("DELETE", "/channels/{channel}/messages/{message}")
    def _delete_message(self, _: Call, channel: str, message: str) -> None:
        found = self._in_channel(channel, message)
        if found["author"]["id"] != str(BOT_ID):
            raise Refusal(403, 50013, "Missing Permissions", told=message)
        self._delete(found)

    def _in_channel(self, channel: str, message: str) -> Json:
        """A message reached by its channel, which no ephemeral one is."""
        found = self.messages.get(message)
        if found is None or found["channel_id"] != channel or found["flags"] & EPHEMERAL:
            raise Refusal(404, 10008, "Unknown Message")
        return found

    def _message(self, author: int, channel: int, *, reply_to: Json | None = None) -> Json:
        """A new message without contents."""
        message = MESSAGE_FIELDS | {"id": snowflake(), "channel_id": str(channel)}
        message |= {"author": user_payload(author), "timestamp": now()}
        if author == BOT_ID:
            message["application_id"] = str(APPLICATION_ID)
        if reply_to is not None:
            message |= {"type": 19, "referenced_message": self._seen(reply_to)}
            message["message_reference"] = {"type": 0, "message_id": reply_to["id"]}
            message["message_reference"]["channel_id"] = reply_to["channel_id"]
            if guild := self.channels.get(channel):
                message["message_reference"]["guild_id"] = str(guild)
        return message

    def _compose(self, call: Call, message: Json, body: Json, *, new: bool) -> Json:
        """The message as the body makes it, or the refusal of the body."""
        form, flags = Form(), (body.get("flags") or 0) | message["flags"] & ~LOADING
        form.text("content", body.get("content"), 0, 2000)
        check_embeds(form, body.get("embeds") or [])
        if body.get("components") or flags & COMPONENTS_V2:
            check_components(form, body.get("components", message["components"]) or [], flags)
        if flags & COMPONENTS_V2 and (body.get("content") or body.get("embeds")):
            form.add("content", "Not with the components of version 2")
        form.refuse()
        if not new:  # whether a message is ephemeral was settled when it was made
            flags = flags & ~EPHEMERAL | message["flags"] & EPHEMERAL
        mentions = body.get("allowed_mentions")
        if (new or message["flags"] & LOADING) and (mentions or {}).get("parse") != []:
            self._tell(f"{call.method} {call.path}: allowed_mentions is {mentions}")
        made = message | {"flags": flags, "attachments": self._attached(call, message, body)}
        for name, empty in (("content", ""), ("embeds", []), ("components", [])):
            if name in body:
                made[name] = body[name] or empty
        made["content"] = made["content"].strip()
        made["embeds"] = [{"type": "rich"} | embed for embed in made["embeds"]]
        made["components"] = json.loads(json.dumps(made["components"]))
        for number, (_, component) in enumerate(walk(made["components"]), start=1):
            component.setdefault("id", number)  # Discord counts them
        filled = any(made[name] for name in ("content", "embeds", "attachments"))
        if not filled and not (
            flags & COMPONENTS_V2 or body.get("sticker_ids") or body.get("poll")
        ):
            raise Refusal(400, 50006, "Cannot send an empty message", told="empty")
        if not new and not message["flags"] & LOADING:
            made["edited_timestamp"] = now()
        return made

    def _attached(self, call: Call, message: Json, body: Json) -> list[Json]:
        """The files that the message has then: those kept, and those sent along."""
        before = {one["id"]: one for one in message["attachments"]}
        found = []
        for item in body.get("attachments", message["attachments"]) or []:
            if str(item["id"]) in before:
                found.append(before[str(item["id"])])
            else:
                found.append(self._upload(*call.files[f"files[{item['id']}]"]))
        return found

    def _upload(self, name: str, data: bytes) -> Json:
        """Puts a file where the bot can fetch it; only the latest are kept."""
        key, name = snowflake(), re.sub(r"[^\w.\-]", "_", name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind += "; charset=utf-8" if kind.startswith("text/") else ""
        self._uploads[key] = (kind, data)
        for old in list(self._uploads)[:-256]:
            del self._uploads[old]
        url = f"http://127.0.0.1:{self._port}/attachments/{key}/{quote(name)}"
        found = {"id": key, "filename": name, "size": len(data), "content_type": kind}
        return found | {"url": url, "proxy_url": url}

    def _store(self, message: Json, event: str) -> None:
        """Keeps a message, and tells the client what it would hear of its own ones."""
        self.messages[message["id"]] = message
        self._forget(self.messages)
        guild = self.channels.get(int(message["channel_id"]))
        if self.intents & (GUILD_MESSAGES if guild else DIRECT_MESSAGES):
            if message["flags"] & EPHEMERAL:
                return
            member = member_payload(int(message["author"]["id"]))
            place = {"guild_id": str(guild), "member": member} if guild else {"channel_type": 1}
            self.dispatch(event, self._seen(message) | place)

    def _edit(self, call: Call, message: Json, body: Json) -> Json:
        made = self._compose(call, message, body, new=False)
        self._store(made, "MESSAGE_UPDATE")
        return made

    def _delete(self, message: Json) -> None:
        self.messages.pop(message["id"], None)
        guild = self.channels.get(int(message["channel_id"]))
        data = {"id": message["id"], "channel_id": message["channel_id"]}
        self.dispatch("MESSAGE_DELETE", data | ({"guild_id": str(guild)} if guild else {}))

    def _seen(self, message: Json) -> Json:
        """A message as an app without the message content intent gets it."""
        own = message["author"]["id"] == str(BOT_ID)
        named = any(user["id"] == str(BOT_ID) for user in message["mentions"])
        direct = int(message["channel_id"]) not in self.channels
        if own or named or direct or self.intents & MESSAGE_CONTENT:
            return message
        return message | {"content": "", "embeds": [], "attachments": [], "components": []}

    # REST: interactions

    def _exchange(self, token: str) -> Exchange:
        """The exchange whose token lives and that was acknowledged."""
        exchange = self.exchanges.get(token)
        late = exchange and asyncio.get_running_loop().time() - exchange.sent > LASTS
        if exchange is None or exchange.expired or late:
            raise Refusal(401, 50027, "Invalid Webhook Token")
        if exchange.callback is None:
            raise Refusal(404, 10015, "Unknown Webhook", told="before the interaction's response")
        return exchange

    def _of_exchange(self, token: str, message: str) -> tuple[Exchange, Json]:
        exchange = self._exchange(token)
        name = (
            exchange.message_ids[0] if message == "@original" and exchange.message_ids else message
        )
        if name not in exchange.message_ids or name not in self.messages:
            raise Refusal(404, 10008, "Unknown Message")
        return exchange, self.messages[name]

    @route("POST", "/interactions/{interaction}/{token}/callback")
    def _respond(self, call: Call, interaction: str, token: str) -> Json | None:
        exchange = self.exchanges.get(token)
        if exchange is None or exchange.id != interaction or exchange.expired:
            raise Refusal(404, 10062, "Unknown interaction")
        after = asyncio.get_running_loop().time() - exchange.sent
        if after > WITHIN:
            raise Refusal(404, 10062, "Unknown interaction", told=f"after {after:.1f} s")
        if exchange.callback is not None:
            told = "a second response"
            raise Refusal(400, 40060, "Interaction has already been acknowledged.", told=told)
        kind, data = call.body["type"], call.body.get("data") or {}
        on_message = exchange.kind in (3, 5) and exchange.source is not None
        allowed = {4: (8,), 5: (4, 5)}.get(exchange.kind, (4, 5, 9)) + (6, 7) * on_message
        form = Form()
        if kind not in allowed:
            form.add("type", f"Must be one of {allowed}", "BASE_TYPE_CHOICES")
        elif kind == 8:
            check_choices(form, "data.choices", data["choices"])
        elif kind == 9:
            check_modal(form, data)
        form.refuse()
        message: Json | None = None
        if kind in (4, 5):
            message = self._reply(exchange)
            if kind == 4:
                message = self._compose(call, message, data, new=True)
            else:
                message["flags"] = LOADING | (data.get("flags") or 0) & EPHEMERAL
            self._store(message, "MESSAGE_CREATE")
            exchange.ephemeral = bool(message["flags"] & EPHEMERAL)
        elif kind in (6, 7):
            message = self.messages.get(exchange.source["id"]) if exchange.source else None
            if message is None:
                raise Refusal(404, 10008, "Unknown Message")
            if kind == 7:
                message = self._edit(call, message, data)
            exchange.ephemeral = bool(message["flags"] & EPHEMERAL)
        if message is not None:
            exchange.message_ids.append(message["id"])
            exchange.answer_id = message["id"] if kind in (4, 7) else None
        exchange.choices = data["choices"] if kind == 8 else None
        exchange.modal = data if kind == 9 else None
        exchange.callback, exchange.acknowledged_after = call.body, after
        if call.query.get("with_response") not in ("1", "true"):
            return None
        about: Json = {"id": exchange.id, "type": exchange.kind}
        about["response_message_loading"] = kind == 5
        about["response_message_ephemeral"] = exchange.ephemeral
        if message is None:
            return {"interaction": about, "resource": {"type": kind}}
        about["response_message_id"] = message["id"]
        return {"interaction": about, "resource": {"type": kind, "message": message}}

    @route("POST", "/webhooks/{app}/{token}")
    def _follow_up(self, call: Call, app: str, token: str) -> Json:  # noqa: ARG002
        exchange = self._exchange(token)
        first = exchange.messages[:1]
        if first and first[0]["flags"] & LOADING:  # then it fills the message that waits
            made = self._edit(call, first[0], call.body)
        else:
            made = self._compose(call, self._reply(exchange), call.body, new=True)
            self._store(made, "MESSAGE_CREATE")
            exchange.message_ids.append(made["id"])
        exchange.answer_id = exchange.answer_id or made["id"]
        return made

    @route("GET", "/webhooks/{app}/{token}/messages/{message}")
    def _get_response(self, _: Call, app: str, token: str, message: str) -> Json:  # noqa: ARG002
        return self._of_exchange(token, message)[1]

    @route("PATCH", "/webhooks/{app}/{token}/messages/{message}")
    def _patch_response(self, call: Call, app: str, token: str, message: str) -> Json:  # noqa: ARG002
        exchange, found = self._of_exchange(token, message)
        made = self._edit(call, found, call.body)
        exchange.answer_id = exchange.answer_id or made["id"]
        return made

    @route("DELETE", "/webhooks/{app}/{token}/messages/{message}")
    def _delete_response(self, _: Call, app: str, token: str, message: str) -> None:  # noqa: ARG002
        self._delete(self._of_exchange(token, message)[1])

    def _reply(self, exchange: Exchange) -> Json:
        """A new message of the bot's within an exchange."""
        source = exchange.source if exchange.kind in (3, 5) else None
        message = self._message(BOT_ID, exchange.channel, reply_to=source)
        message["webhook_id"] = str(APPLICATION_ID)
        about: Json = {
            "id": exchange.id,
            "type": exchange.kind,
            "user": user_payload(exchange.user),
        }
        if exchange.kind == 2:
            message["type"] = 23 if exchange.source else 20
            message["interaction"] = about | {"name": exchange.name.removeprefix("/")}
        owners = {"0": str(self.channels.get(exchange.channel, 0))}
        message["interaction_metadata"] = about | {"authorizing_integration_owners": owners}
        return message

    # Guilds and channels

    def _channel(self, channel: int) -> Json:
        if guild := self.channels.get(channel):
            place = list(self.channels).index(channel)
            found = CHANNEL_FIELDS | {"id": str(channel), "type": 0, "guild_id": str(guild)}
            return found | {"position": place, "name": f"channel-{place + 1}"}
        if user := self._dms.get(channel):
            found = {"id": str(channel), "type": 1, "last_message_id": None, "flags": 0}
            return found | {"recipients": [user_payload(user)]}
        raise Refusal(404, 10003, "Unknown Channel", told=str(channel))

    def _guild(self, guild: int) -> Json:
        everyone = {"id": str(guild), "name": "@everyone", "permissions": str(ORDINARY)}
        role: Json = {
            "id": str(BOT_ROLE),
            "name": "Byline",
            "permissions": str(self.app_permissions),
        }
        role |= {"managed": True, "position": 1, "tags": {"bot_id": str(BOT_ID)}}
        found = GUILD_FIELDS | {"id": str(guild), "name": "A guild", "owner_id": str(OWNER)}
        found["roles"] = [ROLE_FIELDS | everyone, ROLE_FIELDS | role]
        found["channels"] = [self._channel(one) for one, of in self.channels.items() if of == guild]
        return found | {"members": [member_payload(BOT_ID) | {"user": user_payload(BOT_ID)}]}

    def _actor(self, who: Who) -> Actor:
        """Who is meant, and the channel: the one given, else the guild's first, else a DM."""
        assert self._session is not None, "no client is ready; await server.connected() first"
        user, guild, channel = who.get("user", USER), who.get("guild", GUILD), who.get("channel")
        if channel is None and guild is not None:
            channel = next(one for one, of in self.channels.items() if of == guild)
        if channel not in self.channels:
            channel = dm_channel(user)
            self._dms[channel] = user
            self._forget(self._dms)
        permissions = who.get("permissions")
        return Actor(user, channel, ORDINARY if permissions is None else permissions)

    # What users do

    def _interact(
        self, kind: int, data: Json, actor: Actor, name: str, source: Json | None = None
    ) -> Exchange:
        """Dispatches an interaction with everything that Discord sends with one."""
        number, user, channel = snowflake(), actor.user, actor.channel
        exchange = Exchange(self, number, f"token-{number}", kind, user, channel, name, source)
        guild, rights = self.channels.get(channel), {"permissions": str(actor.permissions)}
        payload: Json = {"id": number, "application_id": str(APPLICATION_ID), "type": kind}
        payload |= {"token": exchange.token, "version": 1, "data": data, "locale": "en-US"}
        payload |= {"channel_id": str(channel), "channel": self._channel(channel)}
        payload |= {"app_permissions": str(self.app_permissions), "context": 0 if guild else 1}
        payload |= {
            "entitlements": [],
            "entitlement_sku_ids": [],
            "attachment_size_limit": 10 << 20,
        }
        payload["authorizing_integration_owners"] = {"0": str(guild or 0)}
        if guild:
            payload["channel"] |= rights
            payload["member"] = member_payload(user) | rights | {"user": user_payload(user)}
            payload |= {"guild_id": str(guild), "guild_locale": "en-US"}
            payload["guild"] = {"id": str(guild), "locale": "en-US", "features": []}
        else:
            payload["user"] = user_payload(user)
        if kind in (3, 5) and source:
            payload["message"] = source
        self.exchanges[exchange.token] = exchange
        self._forget(self.exchanges)
        self.dispatch("INTERACTION_CREATE", payload)
        return exchange

    async def slash(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        attachments: Mapping[str, tuple[str, bytes]] | None = None,
        **who: Unpack[Who],
    ) -> Exchange:
        """Sends a slash command; “articles add” is the command add within articles.

        Attachments are given by their option's name, as a file name and bytes.
        """
        actor = self._actor(who)
        files = {key: self._upload(*value) for key, value in (attachments or {}).items()}
        data = self._command_data(name, {**(options or {}), **files}, actor.channel)
        return self._interact(2, data, actor, f"/{name}")

    async def autocomplete(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        focused: str = "article",
        **who: Unpack[Who],
    ) -> Exchange:
        """Types in an option; what is typed so far stands in the options."""
        actor = self._actor(who)
        data = self._command_data(name, {focused: "", **(options or {})}, actor.channel, focused)
        return self._interact(4, data, actor, f"/{name}")

    async def message_command(
        self, name: str, content: str | Json, author: int = OTHER_USER, **who: Unpack[Who]
    ) -> Exchange:
        """Chooses an app's entry in a message's menu; of a new message, or of one given."""
        actor = self._actor(who)
        if isinstance(content, str):
            target = self._message(author, actor.channel) | {"content": content}
            self.messages[target["id"]] = target
        else:
            target = self.messages.get(content["id"], content)
        command = self._command(name, 3, actor.channel)
        data: Json = {"id": command["id"], "name": name, "type": 3, "target_id": target["id"]}
        data["resolved"] = {"messages": {target["id"]: target}}
        return self._interact(2, data, actor, name, target)

    def _command(self, name: str, kind: int, channel: int) -> Json:
        """A synced command that Discord would offer in this channel."""
        guild = self.channels.get(channel)
        known = (
            [*self._commands.get(guild, []), *self._commands[None]]
            if guild
            else self._commands[None]
        )
        found = next((one for one in known if (one["name"], one["type"]) == (name, kind)), None)
        assert found is not None, f"{name} isn't synced here: {[one['name'] for one in known]}"
        contexts = found.get("contexts") or ([0, 1] if found.get("dm_permission", True) else [0])
        assert (0 if guild else 1) in contexts, f"{name} isn't offered here"
        return found

    def _command_data(
        self, name: str, values: Mapping[str, Any], channel: int, focused: str | None = None
    ) -> Json:
        """The data of a slash command, its option types taken from what was synced."""
        words = name.split()
        command = self._command(words[0], 1, channel)
        path: list[Json] = []
        options: list[Json] = command["options"]
        for word in words[1:]:
            path.append(next((one for one in options if one["name"] == word), {}))
            assert path[-1].get("type") in (1, 2), f"/{name} isn't synced: no {word}"
            options = path[-1].get("options") or []
        known = {one["name"]: one for one in options}
        assert not any(one["type"] in (1, 2) for one in options), f"/{name} only has sub commands"
        assert set(values) <= set(known), f"/{name} has the options {list(known)}"
        missing = [key for key, one in known.items() if one.get("required") and key not in values]
        assert focused or not missing, f"/{name} requires {missing}"
        resolved: Json = {}
        chosen = []
        for key, value in values.items():
            option: Json = {"type": known[key]["type"], "name": key}
            if key == focused:
                assert known[key].get("autocomplete"), f"/{name}: {key} has no autocompletion"
                option |= {"value": value, "focused": True}
            else:
                option["value"] = self._value(known[key], value, channel, resolved)
            chosen.append(option)
        for sub in reversed(path):
            chosen = [{"type": sub["type"], "name": sub["name"], "options": chosen}]
        data: Json = {"id": command["id"], "name": words[0], "type": 1, "options": chosen}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data | ({"resolved": resolved} if resolved else {})

    def _value(self, option: Json, value: Any, channel: int, resolved: Json) -> Any:
        """An option's value as Discord's own apps would send it, or a failed assertion."""
        kind, said = option["type"], f"{option['name']}={value!r}"
        if kind == 3:
            assert isinstance(value, str), said
            least, most = option.get("min_length") or 0, option.get("max_length") or 6000
            assert least <= length(value) <= most, f"{said} is too short or too long"
        elif kind in (4, 10):
            assert isinstance(value, int if kind == 4 else int | float), said
            assert option.get("min_value", value) <= value <= option.get("max_value", value), said
        elif kind == 5:
            assert isinstance(value, bool), said
        elif kind == 11:
            resolved.setdefault("attachments", {})[value["id"]] = value | {"ephemeral": True}
            return value["id"]
        else:
            return self._resolve(kind, int(value), channel, resolved)
        choices = [choice["value"] for choice in option.get("choices") or []]
        assert not choices or value in choices, f"{said} is none of {choices}"
        return value

    def _resolve(self, kind: int, value: int, channel: int, resolved: Json) -> str:
        """Adds the user, channel or role that an option or select names; gives its id."""
        guild, key = self.channels.get(channel), str(value)
        if value in self.channels:
            found = self._channel(value) | {"permissions": str(ORDINARY)}
            resolved.setdefault("channels", {})[key] = found
        elif kind == 8 or value == BOT_ROLE:
            roles = {role["id"]: role for role in self._guild(guild or GUILD)["roles"]}
            resolved.setdefault("roles", {})[key] = roles[key]
        else:
            resolved.setdefault("users", {})[key] = user_payload(value)
            if guild:
                found = member_payload(value) | {"permissions": str(ORDINARY)}
                resolved.setdefault("members", {})[key] = found
        return key

    def _component(self, message: Json, name: str, kinds: Sequence[int]) -> tuple[Json, Json]:
        """The message as it is now, and its component of that custom id or label."""
        current = self.messages.get(message["id"])
        assert current is not None, "the message is gone"
        parts = [part for _, part in walk(current["components"]) if part["type"] in kinds]
        named = [part for part in parts if name in (part.get("custom_id"), part.get("label"))]
        labels = [(part.get("custom_id"), part.get("label")) for part in parts]
        assert named, f"no {name!r} among {labels}"
        assert not named[0].get("disabled"), f"{name!r} is disabled"
        assert "custom_id" in named[0], f"{name!r} is a link"
        return current, named[0]

    async def press(self, message: Json, name: str, **who: Unpack[Who]) -> Exchange:
        """Presses the button of that custom id or label."""
        current, part = self._component(message, name, [2])
        data = {"id": part["id"], "custom_id": part["custom_id"], "component_type": 2}
        return self._interact(3, data, self._there(current, who), name, current)

    def _there(self, message: Json, who: Who) -> Actor:
        """Someone who acts on a message, in its channel."""
        actor = self._actor(who)
        return Actor(actor.user, int(message["channel_id"]), actor.permissions)

    async def choose(
        self,
        message: Json,
        name: str,
        values: Sequence[str | int],
        *,
        resolved_channels: Mapping[int, Json] | None = None,
        **who: Unpack[Who],
    ) -> Exchange:
        """Chooses in a select; channels, users and roles are named by their ids.

        ``resolved_channels`` adds to what is told of channels, or tells of unknown ones.
        """
        current, part = self._component(message, name, SELECTS)
        actor = self._there(current, who)
        data: Json = {"id": part["id"], "custom_id": part["custom_id"]}
        data |= {"component_type": part["type"], "values": [str(value) for value in values]}
        least, most = part.get("min_values", 1), part.get("max_values", 1)
        assert least <= len(values) <= most, f"{name!r} takes {least} to {most} values"
        if part["type"] == 3:
            offered = [option["value"] for option in part["options"]]
            assert set(values) <= set(offered), f"{values} are not among {offered}"
        else:
            data["resolved"] = {}
            for value in values:
                extra = (resolved_channels or {}).get(int(value))
                if extra is None or int(value) in self.channels:
                    self._resolve(part["type"] + 1, int(value), actor.channel, data["resolved"])
                if extra is not None:
                    told = data["resolved"].setdefault("channels", {})
                    told[str(value)] = told.get(str(value), {"id": str(value)}) | extra
        return self._interact(3, data, actor, name, current)

    async def submit(
        self, exchange: Exchange, values: Mapping[str, Any], **who: Unpack[Who]
    ) -> Exchange:
        """Sends off the modal with which an exchange was answered, as the user who got it."""
        assert exchange.modal is not None, "the exchange wasn't answered with a modal"
        parts: list[Json] = []
        left, resolved = dict(values), Json()
        for number, part in enumerate(exchange.modal["components"], start=1):
            inner = part["components"][0] if part["type"] == 1 else part.get("component")
            filled: Json = {"type": part["type"], "id": number}
            if inner is not None:
                sent = {"type": inner["type"], "id": number + 100, "custom_id": inner["custom_id"]}
                sent |= self._filled(inner, left.pop(inner["custom_id"], None), resolved)
                filled |= {"components": [sent]} if part["type"] == 1 else {"component": sent}
            parts.append(filled)
        assert not left, f"the modal has no {list(left)}"
        data = {"custom_id": exchange.modal["custom_id"], "components": parts, "resolved": resolved}
        rights = self._actor(who).permissions
        actor = Actor(who.get("user", exchange.user), exchange.channel, rights)
        source = exchange.source if exchange.kind == 3 else None
        return self._interact(5, data, actor, exchange.modal["title"], source)

    def _filled(self, part: Json, value: Any, resolved: Json) -> Json:
        """What one input of a modal is sent with; Discord's apps see to its limits."""
        needed, name = part.get("required", True), part["custom_id"]
        if part["type"] == 4:
            text = part.get("value") or "" if value is None else value
            least, most = part.get("min_length") or 0, part.get("max_length") or 4000
            assert text or not needed, f"{name} is required"
            assert not text or least <= length(text) <= most, f"{name} is too short or too long"
            return {"value": text}
        if part["type"] == 19:  # files, as pairs of a name and bytes
            files = [self._upload(*file) for file in value or []]
            resolved.setdefault("attachments", {}).update({file["id"]: file for file in files})
            return {"values": [file["id"] for file in files]}
        if part["type"] in SELECTS[1:]:
            chosen = [
                self._resolve(part["type"] + 1, int(one), GUILD, resolved) for one in value or []
            ]
            return {"values": chosen}
        if part["type"] in (3, 22):
            assert value or not needed, f"{name} is required"
            return {"values": list(value or [])}
        return {"value": value}

    async def say(
        self,
        content: str,
        *,
        mentions_bot: bool = False,
        reply_to: Json | None = None,
        ping: bool = False,
        **who: Unpack[Who],
    ) -> Exchange:
        """Writes a message; the bot gets its text only if it is mentioned, or in its own channel.

        ``ping`` is what Discord's apps do to the author of a message replied to, unless told not
        to: to the bot it is a mention without the words.
        """
        actor = self._actor(who)
        user, place = actor.user, actor.channel
        wanted = GUILD_MESSAGES if place in self.channels else DIRECT_MESSAGES
        assert self.intents & wanted, "the client didn't ask for the intent to hear messages here"
        mark = f"<@{BOT_ID}>"
        if mentions_bot and mark not in content:
            content = f"{mark} {content}"
        original = self.messages.get(reply_to["id"], reply_to) if reply_to else None
        message = self._message(user, place, reply_to=original) | {"content": content}
        pinged = ping and original is not None and original["author"]["id"] == str(BOT_ID)
        if mark in content or pinged:
            message["mentions"] = [user_payload(BOT_ID) | {"member": member_payload(BOT_ID)}]
        number = message["id"]
        exchange = Exchange(self, number, number, 0, user, place, f"say {content!r}", message)
        self.exchanges[number] = exchange
        self._forget(self.exchanges)
        self._store(message, "MESSAGE_CREATE")
        return exchange
