"""What users may fill in, in commands and modals, as Discord's own apps see to it."""

from collections.abc import Mapping
from typing import Any

from discord_rules import length
from discord_state import State
from discord_world import Json


def synced_command(server: State, name: str, kind: int, channel: int) -> Json:
    """A synced command that Discord would offer in this channel."""
    guild = server.channels.get(channel)
    known = [*server.synced.get(guild, []), *server.synced[None]] if guild else server.synced[None]
    found = next((one for one in known if (one["name"], one["type"]) == (name, kind)), None)
    assert found is not None, f"{name} isn't synced here: {[one['name'] for one in known]}"
    contexts = found.get("contexts") or ([0, 1] if found.get("dm_permission", True) else [0])
    assert (0 if guild else 1) in contexts, f"{name} isn't offered here"
    return found


def command_data(
    server: State, name: str, values: Mapping[str, Any], channel: int, focused: str | None = None
) -> Json:
    """The data of a slash command, its option types taken from what was synced."""
    words = name.split()
    command = synced_command(server, words[0], 1, channel)
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
            option["value"] = _value(known[key], value, resolved)
        chosen.append(option)
    for sub in reversed(path):
        chosen = [{"type": sub["type"], "name": sub["name"], "options": chosen}]
    data: Json = {"id": command["id"], "name": words[0], "type": 1, "options": chosen}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data | ({"resolved": resolved} if resolved else {})


def _value(option: Json, value: Any, resolved: Json) -> Any:
    """An option's value as Discord's own apps would send it, or a failed assertion."""
    kind, said = option["type"], f"{option['name']}={value!r}"
    if kind == 3:
        assert isinstance(value, str), said
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        assert least <= length(value) <= most, f"{said} is too short or too long"
    elif kind in (4, 10):
        assert isinstance(value, int if kind == 4 else int | float), said
        assert option.get("min_value", value) <= value <= option.get("max_value", value), said
    elif kind == 11:
        resolved.setdefault("attachments", {})[value["id"]] = value | {"ephemeral": True}
        return value["id"]
    else:
        assert kind == 5, said
        assert isinstance(value, bool), said
    choices = [choice["value"] for choice in option.get("choices") or []]
    assert not choices or value in choices, f"{said} is none of {choices}"
    return value


def filled(part: Json, value: Any) -> Json:
    """What a text input or a select of strings in a modal is sent with."""
    needed, name = part.get("required", True), part["custom_id"]
    if part["type"] == 4:
        text = part.get("value") or "" if value is None else value
        least, most = part.get("min_length") or 0, part.get("max_length") or 4000
        assert text or not needed, f"{name} is required"
        assert not text or least <= length(text) <= most, f"{name} is too short or too long"
        return {"value": text}
    assert part["type"] == 3, f"{name} is no input of this server"
    assert value or not needed, f"{name} is required"
    return {"values": list(value or [])}
