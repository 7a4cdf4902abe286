"""What Discord refuses: its limits on embeds, components, modals and commands, with its codes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from discord_world import COMPONENTS_V2, SELECTS, Json


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
