"""REST routes of the loopback Discord with which an app answers interactions."""

import asyncio

from discord_messages import Messages
from discord_rest import Call, route
from discord_rules import Form, Refusal, check_choices, check_modal
from discord_state import Exchange
from discord_world import APPLICATION_ID, BOT_ID, EPHEMERAL, LOADING, Json, user_payload

WITHIN = 3.0  # seconds an app has to acknowledge an interaction
LASTS = 900.0  # seconds an interaction's token lives


def _exchange(server: Messages, token: str) -> Exchange:
    """The exchange whose token lives and that was acknowledged."""
    exchange = server.exchanges.get(token)
    late = exchange and asyncio.get_running_loop().time() - exchange.sent > LASTS
    if exchange is None or exchange.expired or late:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    if exchange.callback is None:
        raise Refusal(404, 10015, "Unknown Webhook", told="before the interaction's response")
    return exchange


@route("POST", "/interactions/{interaction}/{token}/callback")
def _respond(server: Messages, call: Call, interaction: str, token: str) -> Json | None:
    exchange = server.exchanges.get(token)
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
        message = _reply(server, exchange)
        if kind == 4:
            message = server.compose(call, message, data, new=True)
        else:
            message["flags"] = LOADING | (data.get("flags") or 0) & EPHEMERAL
        server.store(message, "MESSAGE_CREATE")
        exchange.ephemeral = bool(message["flags"] & EPHEMERAL)
    elif kind in (6, 7):
        message = server.messages.get(exchange.source["id"]) if exchange.source else None
        if message is None:
            raise Refusal(404, 10008, "Unknown Message")
        if kind == 7:
            message = server.edit(call, message, data)
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


@route("POST", f"/webhooks/{APPLICATION_ID}/{{token}}")
def _follow_up(server: Messages, call: Call, token: str) -> Json:
    exchange = _exchange(server, token)
    first = exchange.messages[:1]
    if first and first[0]["flags"] & LOADING:  # then it fills the message that waits
        made = server.edit(call, first[0], call.body)
    else:
        made = server.compose(call, _reply(server, exchange), call.body, new=True)
        server.store(made, "MESSAGE_CREATE")
        exchange.message_ids.append(made["id"])
    exchange.answer_id = exchange.answer_id or made["id"]
    return made


@route("PATCH", f"/webhooks/{APPLICATION_ID}/{{token}}/messages/{{message}}")
def _patch_response(server: Messages, call: Call, token: str, message: str) -> Json:
    exchange = _exchange(server, token)
    name = exchange.message_ids[0] if message == "@original" and exchange.message_ids else message
    if name not in exchange.message_ids or name not in server.messages:
        raise Refusal(404, 10008, "Unknown Message")
    made = server.edit(call, server.messages[name], call.body)
    exchange.answer_id = exchange.answer_id or made["id"]
    return made


def _reply(server: Messages, exchange: Exchange) -> Json:
    """A new message of the bot's within an exchange."""
    source = exchange.source if exchange.kind in (3, 5) else None
    message = server.new_message(BOT_ID, exchange.channel, reply_to=source)
    message["webhook_id"] = str(APPLICATION_ID)
    about: Json = {"id": exchange.id, "type": exchange.kind}
    about["user"] = user_payload(exchange.user)
    if exchange.kind == 2:
        message["type"] = 23 if exchange.source else 20
        message["interaction"] = about | {"name": exchange.name.removeprefix("/")}
    owners = {"0": str(server.channels.get(exchange.channel, 0))}
    message["interaction_metadata"] = about | {"authorizing_integration_owners": owners}
    return message
