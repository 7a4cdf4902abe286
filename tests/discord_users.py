"""What users do on the loopback Discord: send commands, press, choose, fill in forms, write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, Unpack

from discord_messages import Messages
from discord_options import command_data, filled, synced_command
from discord_rules import walk
from discord_state import Exchange
from discord_world import (
    APPLICATION_ID,
    BOT_ID,
    DIRECT_MESSAGES,
    GUILD,
    GUILD_MESSAGES,
    ORDINARY,
    OTHER_USER,
    USER,
    Json,
    dm_channel,
    member_payload,
    snowflake,
    user_payload,
)


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


class Users(Messages):
    """A server that can be told what its users do."""

    def _actor(self, who: Who) -> Actor:
        """Who is meant, and the channel: the one given, else the guild's first, else a DM."""
        assert self._session is not None, "no client is ready; await server.connected() first"
        user, guild, channel = who.get("user", USER), who.get("guild", GUILD), who.get("channel")
        if channel is None and guild is not None:
            channel = next(one for one, of in self.channels.items() if of == guild)
        if channel not in self.channels:
            channel = dm_channel(user)
            self.dms[channel] = user
            self.forget(self.dms)
        permissions = who.get("permissions")
        return Actor(user, channel, ORDINARY if permissions is None else permissions)

    def _interact(
        self, kind: int, data: Json, actor: Actor, name: str, source: Json | None = None
    ) -> Exchange:
        """Dispatches an interaction with everything that Discord sends with one."""
        number, user, channel = snowflake(), actor.user, actor.channel
        exchange = Exchange(self, number, f"token-{number}", kind, user, channel, name, source)
        guild, rights = self.channels.get(channel), {"permissions": str(actor.permissions)}
        payload: Json = {"id": number, "application_id": str(APPLICATION_ID), "type": kind}
        payload |= {"token": exchange.token, "version": 1, "data": data, "locale": "en-US"}
        payload |= {"channel_id": str(channel), "channel": self.channel_payload(channel)}
        payload |= {"app_permissions": str(ORDINARY), "context": 0 if guild else 1}
        payload |= {"entitlements": [], "entitlement_sku_ids": []}
        payload["attachment_size_limit"] = 10 << 20
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
        self.forget(self.exchanges)
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
        files = {key: self.upload(*value) for key, value in (attachments or {}).items()}
        data = command_data(self, name, {**(options or {}), **files}, actor.channel)
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
        data = command_data(self, name, {focused: "", **(options or {})}, actor.channel, focused)
        return self._interact(4, data, actor, f"/{name}")

    async def message_command(
        self, name: str, content: str, author: int = OTHER_USER, **who: Unpack[Who]
    ) -> Exchange:
        """Chooses an app's entry in a message's menu, of a new message."""
        actor = self._actor(who)
        target = self.new_message(author, actor.channel) | {"content": content}
        self.messages[target["id"]] = target
        command = synced_command(self, name, 3, actor.channel)
        data: Json = {"id": command["id"], "name": name, "type": 3, "target_id": target["id"]}
        data["resolved"] = {"messages": {target["id"]: target}}
        return self._interact(2, data, actor, name, target)

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
        self, message: Json, name: str, values: Sequence[str | int], **who: Unpack[Who]
    ) -> Exchange:
        """Chooses in a select of strings, or of channels, by their ids."""
        current, part = self._component(message, name, (3, 8))
        data: Json = {"id": part["id"], "custom_id": part["custom_id"]}
        data |= {"component_type": part["type"], "values": [str(value) for value in values]}
        least, most = part.get("min_values", 1), part.get("max_values", 1)
        assert least <= len(values) <= most, f"{name!r} takes {least} to {most} values"
        if part["type"] == 3:
            offered = [option["value"] for option in part["options"]]
            assert set(values) <= set(offered), f"{values} are not among {offered}"
        else:
            rights = {"permissions": str(ORDINARY)}
            found = {str(one): self.channel_payload(int(one)) | rights for one in values}
            data["resolved"] = {"channels": found}
        return self._interact(3, data, self._there(current, who), name, current)

    async def submit(
        self, exchange: Exchange, values: Mapping[str, Any], **who: Unpack[Who]
    ) -> Exchange:
        """Sends off the modal with which an exchange was answered, as the user who got it."""
        assert exchange.modal is not None, "the exchange wasn't answered with a modal"
        parts: list[Json] = []
        left = dict(values)
        for number, part in enumerate(exchange.modal["components"], start=1):
            inner = part["components"][0] if part["type"] == 1 else part.get("component")
            whole: Json = {"type": part["type"], "id": number}
            if inner is not None:
                sent = {"type": inner["type"], "id": number + 100, "custom_id": inner["custom_id"]}
                sent |= filled(inner, left.pop(inner["custom_id"], None))
                whole |= {"components": [sent]} if part["type"] == 1 else {"component": sent}
            parts.append(whole)
        assert not left, f"the modal has no {list(left)}"
        data = {"custom_id": exchange.modal["custom_id"], "components": parts, "resolved": {}}
        rights = self._actor(who).permissions
        actor = Actor(who.get("user", exchange.user), exchange.channel, rights)
        source = exchange.source if exchange.kind == 3 else None
        return self._interact(5, data, actor, exchange.modal["title"], source)

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
        message = self.new_message(user, place, reply_to=original) | {"content": content}
        pinged = ping and original is not None and original["author"]["id"] == str(BOT_ID)
        if mark in content or pinged:
            message["mentions"] = [user_payload(BOT_ID) | {"member": member_payload(BOT_ID)}]
        number = message["id"]
        exchange = Exchange(self, number, number, 0, user, place, f"say {content!r}", message)
        self.exchanges[number] = exchange
        self.forget(self.exchanges)
        self.store(message, "MESSAGE_CREATE")
        return exchange
