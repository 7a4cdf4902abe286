"""REST routes of the loopback Discord: the app, its commands, and messages in channels."""

from discord_messages import Messages
from discord_rest import Call, route
from discord_rules import Form, Refusal, check_command
from discord_world import (
    APPLICATION_FIELDS,
    APPLICATION_ID,
    BOT_ID,
    EPHEMERAL,
    OWNER,
    Json,
    snowflake,
    user_payload,
)


@route("GET", "/users/@me")
def _get_me(*_: object) -> Json:
    return user_payload(BOT_ID) | {"verified": True, "email": None, "mfa_enabled": True}


@route("GET", "/(?:oauth2/)?applications/@me")
def _get_application(*_: object) -> Json:
    owner = {"owner": user_payload(OWNER), "verify_key": "0" * 64}
    return APPLICATION_FIELDS | owner | {"id": str(APPLICATION_ID)}


@route("PUT", "/applications/{app}/commands")
@route("PUT", "/applications/{app}/guilds/{guild}/commands")
def _put_commands(server: Messages, call: Call, app: str, guild: str | None = None) -> list[Json]:
    before, form = _scope(server, app, guild), Form()
    named = [(command.get("type", 1), command["name"]) for command in call.body]
    for number, command in enumerate(call.body):
        check_command(form, str(number), command)
        if named.index(named[number]) < number:
            form.add(f"{number}.name", "Application command names must be unique")
    form.refuse()
    ids = {(command["type"], command["name"]): command["id"] for command in before}
    before[:] = [
        _registered(command, guild, ids.get(name))
        for name, command in zip(named, call.body, strict=True)
    ]
    return before


def _scope(server: Messages, app: str, guild: str | None) -> list[Json]:
    if int(app) != APPLICATION_ID or (guild and int(guild) not in server.guild_ids):
        raise Refusal(403, 50001, "Missing Access", told="of another app or guild")
    return server.synced.setdefault(int(guild) if guild else None, [])


def _registered(command: Json, guild: str | None, name: str | None) -> Json:
    found = {"type": 1, "options": [], "description": "", "nsfw": False, **command}
    permissions = found.get("default_member_permissions")
    found["default_member_permissions"] = None if permissions is None else str(permissions)
    found |= {"id": name or snowflake(), "application_id": str(APPLICATION_ID)}
    return found | {"version": snowflake()} | ({"guild_id": guild} if guild else {})


@route("POST", "/channels/{channel}/typing")
def _type(server: Messages, _: Call, channel: str) -> None:
    server.channel_payload(int(channel))


@route("POST", "/channels/{channel}/messages")
def _post_message(server: Messages, call: Call, channel: str) -> Json:
    server.channel_payload(int(channel))
    nonce = call.body.get("nonce")
    if call.body.get("enforce_nonce") and server.nonces.get(nonce) in server.messages:
        return server.messages[server.nonces[nonce]]
    reference = call.body.get("message_reference") or {}
    original = server.messages.get(str(reference.get("message_id")))
    if reference and not original and reference.get("fail_if_not_exists", True):
        form = Form()
        form.add("message_reference", "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
        form.refuse()
    message = server.new_message(BOT_ID, int(channel), reply_to=original)
    call.body["flags"] = (call.body.get("flags") or 0) & ~EPHEMERAL
    message = server.compose(call, message, call.body, new=True)
    if nonce is not None:
        server.nonces[nonce], message["nonce"] = message["id"], nonce
        server.forget(server.nonces)
    server.store(message, "MESSAGE_CREATE")
    server.posted.append(message)
    server.forget(server.posted)
    server.unread.append(message)
    if original and (exchange := server.exchanges.get(original["id"])):
        exchange.message_ids.append(message["id"])
        exchange.answer_id = exchange.answer_id or message["id"]
    return message


@route("GET", "/channels/{channel}/messages/{message}")
def _get_message(server: Messages, _: Call, channel: str, message: str) -> Json:
    """A message reached by its channel, which no ephemeral one is."""
    found = server.messages.get(message)
    if found is None or found["channel_id"] != channel or found["flags"] & EPHEMERAL:
        raise Refusal(404, 10008, "Unknown Message")
    return server.seen(found)
