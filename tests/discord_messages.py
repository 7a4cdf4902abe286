"""Messages of the loopback Discord: made from a body or refused, kept, and told to the client."""

import json
import mimetypes
import re
from urllib.parse import quote

from aiohttp import web
from discord_gateway import Gateway
from discord_rest import Call
from discord_rules import Form, Refusal, check_components, check_embeds, walk
from discord_world import (
    APPLICATION_ID,
    BOT_ID,
    COMPONENTS_V2,
    DIRECT_MESSAGES,
    EPHEMERAL,
    GUILD_MESSAGES,
    LOADING,
    MESSAGE_FIELDS,
    Json,
    member_payload,
    now,
    snowflake,
    user_payload,
)


class Messages(Gateway):
    """A gateway with messages and their files."""

    def __init__(self, keep: int) -> None:
        super().__init__(keep)
        self._uploads: dict[str, tuple[str, bytes]] = {}

    def new_message(self, author: int, channel: int, *, reply_to: Json | None = None) -> Json:
        """A new message without contents."""
        message = MESSAGE_FIELDS | {"id": snowflake(), "channel_id": str(channel)}
        message |= {"author": user_payload(author), "timestamp": now()}
        if author == BOT_ID:
            message["application_id"] = str(APPLICATION_ID)
        if reply_to is not None:
            message |= {"type": 19, "referenced_message": self.seen(reply_to)}
            message["message_reference"] = {"type": 0, "message_id": reply_to["id"]}
            message["message_reference"]["channel_id"] = reply_to["channel_id"]
            if guild := self.channels.get(channel):
                message["message_reference"]["guild_id"] = str(guild)
        return message

    def compose(self, call: Call, message: Json, body: Json, *, new: bool) -> Json:
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
            self.tell(f"{call.method} {call.path}: allowed_mentions is {mentions}")
        made = message | {"flags": flags}
        for name, empty in (("content", ""), ("embeds", []), ("components", [])):
            if name in body:
                made[name] = body[name] or empty
        made["content"] = made["content"].strip()
        made["embeds"] = [{"type": "rich"} | embed for embed in made["embeds"]]
        made["components"] = json.loads(json.dumps(made["components"]))
        for number, (_, component) in enumerate(walk(made["components"]), start=1):
            component.setdefault("id", number)  # Discord counts them
        if not (made["content"] or made["embeds"] or flags & COMPONENTS_V2):
            raise Refusal(400, 50006, "Cannot send an empty message", told="empty")
        if not new and not message["flags"] & LOADING:
            made["edited_timestamp"] = now()
        return made

    def upload(self, name: str, data: bytes) -> Json:
        """Puts a file where the bot can fetch it; only the latest are kept."""
        key, name = snowflake(), re.sub(r"[^\w.\-]", "_", name)
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind += "; charset=utf-8" if kind.startswith("text/") else ""
        self._uploads[key] = (kind, data)
        for old in list(self._uploads)[:-256]:
            del self._uploads[old]
        url = f"http://{self.address}/attachments/{key}/{quote(name)}"
        found = {"id": key, "filename": name, "size": len(data), "content_type": kind}
        return found | {"url": url, "proxy_url": url}

    async def serve_upload(self, request: web.Request) -> web.Response:
        if (found := self._uploads.get(request.match_info["key"])) is None:
            raise web.HTTPNotFound
        return web.Response(body=found[1], headers={"Content-Type": found[0]})

    def store(self, message: Json, event: str) -> None:
        """Keeps a message, and tells the client what it would hear of its own ones."""
        self.messages[message["id"]] = message
        self.forget(self.messages)
        guild = self.channels.get(int(message["channel_id"]))
        if self.intents & (GUILD_MESSAGES if guild else DIRECT_MESSAGES):
            if message["flags"] & EPHEMERAL:
                return
            member = member_payload(int(message["author"]["id"]))
            place = {"guild_id": str(guild), "member": member} if guild else {"channel_type": 1}
            self.dispatch(event, self.seen(message) | place)

    def edit(self, call: Call, message: Json, body: Json) -> Json:
        made = self.compose(call, message, body, new=False)
        self.store(made, "MESSAGE_UPDATE")
        return made

    def seen(self, message: Json) -> Json:
        """A message as an app without the message content intent gets it."""
        own = message["author"]["id"] == str(BOT_ID)
        named = any(user["id"] == str(BOT_ID) for user in message["mentions"])
        direct = int(message["channel_id"]) not in self.channels
        if own or named or direct:
            return message
        return message | {"content": "", "embeds": [], "attachments": [], "components": []}
