import pytest
from simcord_bot import NIXON, WHO, card, fields


async def test_a_mention_with_a_question_is_answered_in_a_reply_without_a_ping(server):
    said = await server.ann.send(server.channel, f"{server.bot_mention} {WHO}")

    (reply,) = server.replies()
    assert card(reply).title == WHO
    assert card(reply).description == NIXON
    assert reply.reference.message_id == said.id
    assert reply.mentions == []
    context = await server.bob.click(reply, label="Context")
    assert card(context).title == "[1] The lunar call"


@pytest.mark.parametrize("words", ["{me} and when?", "and when?"])
async def test_a_reply_to_an_answer_is_a_follow_up(server, words):
    await server.ann.send(server.channel, f"{server.bot_mention} {WHO}")
    (first,) = server.replies()

    # A reply mentions whom it replies to.
    await server.bob.send(server.channel, words.format(me=server.bot_mention), reply_to=first)

    shown = server.replies()[-1]
    assert card(shown).title == "Who called Neil Armstrong, and when?"
    assert fields(shown)["When"] == "20 July 1969 `[1]`"


async def test_a_reply_to_the_answer_of_a_command_is_a_follow_up_too(server):
    asked = await server.ask("Who called *Neil* Armstrong?")

    # Discord does not show a bot what is replied to a command's answer unless it is mentioned.
    await server.bob.send(
        server.channel, f"{server.bot_mention} and when?", reply_to=asked.response
    )
    await server.ann.send(server.channel, "and where?", reply_to=server.replies()[-1])

    first, second = server.replies()[-2:]
    assert card(first).title == "Who called \\*Neil\\* Armstrong, and when?"
    assert card(second).title == "Who called \\*Neil\\* Armstrong, and when, and where?"


async def test_a_reply_to_a_person_is_a_question_of_its_own(server):
    said = await server.bob.send(server.channel, WHO)

    words = f"When was the bridge opened, {server.bot_mention}?"
    await server.ann.send(server.channel, words, reply_to=said)

    (reply,) = server.replies()
    assert card(reply).description == "## 9 June 1934 `[1]`"


@pytest.mark.parametrize("form", ["<@{}>", "<@!{}>  \n", "<@{0}> <@{0}>"])
async def test_a_mention_without_words_gets_help(server, simcord_bot, form):
    await server.ann.send(server.channel, form.format(simcord_bot.user.id))

    (reply,) = server.replies()
    assert card(reply).description == (
        "Ask me something after my name, such as: who called whom, and when?"
    )


async def test_other_bots_are_not_answered(server, simcord_env):
    robot = server.guild.add_member(simcord_env.create_user("robot", bot=True))
    hook = server.guild.create_webhook(server.channel)

    await robot.send(server.channel, f"{server.bot_mention} {WHO}")
    await hook.send(f"{server.bot_mention} {WHO}")

    assert len(server.channel.history()) == 2


@pytest.mark.parametrize("words", [WHO, "@everyone Who called?", "Byline, who called?"])
async def test_messages_and_replies_without_a_mention_are_not_answered(server, words):
    said = await server.may.send(server.channel, words)
    await server.ann.send(server.channel, "and when?", reply_to=said)

    assert server.replies() == []


async def test_a_direct_message_needs_no_mention(simcord_env):
    eve = simcord_env.create_user("eve")

    await eve.send_dm(WHO)

    assert card(eve.dm_channel.last_message).description == NIXON


async def test_a_mention_is_not_answered_in_public_where_answers_are_private(server):
    await server.turn_private()

    await server.ann.send(server.channel, f"{server.bot_mention} {WHO}")

    assert card(server.replies()[-1]).description == (
        "Answers in this server are private; ask with /ask."
    )


async def test_a_mention_in_a_channel_not_for_questions_is_told_where(server):
    await server.keep_questions_to(server.guild.create_text_channel("asking"))

    await server.ann.send(server.channel, f"{server.bot_mention} {WHO}")

    said = card(server.replies()[-1]).description
    assert said.startswith("In this server questions are asked in ")


async def test_a_mention_with_too_long_a_question_is_told_so(server):
    await server.ann.send(server.channel, f"{server.bot_mention} {'who ' * 76}")

    (reply,) = server.replies()
    assert card(reply).description == "The question has 303 characters, at most 300 are read."
