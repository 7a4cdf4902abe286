"""The people and places of the loopback Discord, and how they stand in its payloads."""

import itertools
import json
import time
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

APPLICATION_ID = BOT_ID = 800_000_000_000_000_001
GUILD, OTHER_GUILD = 900_000_000_000_000_001, 900_000_000_000_000_002
CHANNEL, SECOND_CHANNEL = 910_000_000_000_000_001, 910_000_000_000_000_002
OTHER_CHANNEL = 910_000_000_000_000_003
USER, OTHER_USER, OWNER = (920_000_000_000_000_001 + number for number in range(3))
BOT_ROLE = 930_000_000_000_000_001

MANAGE_GUILD = 1 << 5
# See, write, embed, attach, read back, react, use commands, write in threads.
ORDINARY = sum(1 << bit for bit in (6, 10, 11, 14, 15, 16, 18, 31, 38))

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # flags of messages
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1, 1 << 9, 1 << 12  # intents
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15  # members, presences, message content
SELECTS = (3, 5, 6, 7, 8)  # string, user, role, mentionable, channel

NAMES = {BOT_ID: "byline", USER: "ada", OTHER_USER: "grace", OWNER: "joan"}

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
    found = USER_FIELDS | {"id": str(user), "username": name, "global_name": name}
    return found | {"bot": user == BOT_ID}


def member_payload(user: int) -> Json:
    return MEMBER_FIELDS | {"roles": [str(BOT_ROLE)] if user == BOT_ID else []}
