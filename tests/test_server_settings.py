import pytest
from simcord_bot import NIXON, WHO, Server, card, fields, told

from bot.state import GuildSettings


async def test_answers_can_be_private_unless_asked_otherwise(server):
    settings = await server.manage("settings")
    assert settings.response.ephemeral
    assert fields(settings) == {
        "Answers are seen": "by everyone in the channel",
        "Questions may be asked in": "every channel",
    }

    turned = await server.may.click(settings.response, label="Show answers to the asker alone")

    assert fields(turned)["Answers are seen"] == "by the asker alone, unless they choose otherwise"
    assert (await server.ask(WHO)).response.ephemeral
    assert not (await server.ask(WHO, private=False)).response.ephemeral
    await server.may.click(turned.response, label="Show answers to everyone")
    assert not (await server.ask(WHO)).response.ephemeral


async def test_questions_can_be_kept_to_channels_until_none_is_chosen(server, restart):
    asking = server.guild.create_text_channel("asking")

    chosen = await server.keep_questions_to(asking)

    told_where = f"In this server questions are asked in {asking.mention}."
    assert fields(chosen)["Questions may be asked in"] == asking.mention
    assert server.refused(await server.ask(WHO)) == told_where
    assert card(await server.ann.slash(asking, "ask", question=WHO)).description == NIXON
    await restart()
    assert server.refused(await server.ask(WHO)) == told_where
    await server.may.select(chosen.response, [])
    assert card(await server.ask(WHO)).description == NIXON


async def test_a_thread_of_an_allowed_channel_may_be_asked_in(server, simcord_bot):
    await server.keep_questions_to(server.channel)
    said = await server.ann.send(server.channel, "Let us talk about the Moon.")
    channel = simcord_bot.get_channel(server.channel.id)
    await channel.get_partial_message(said.id).create_thread(name="Moon")
    (thread,) = server.channel.threads

    result = await server.ann.slash(thread, "ask", question=WHO)

    assert card(result).description == NIXON


async def test_settings_of_one_server_are_not_those_of_another(server, simcord_env):
    await server.turn_private()

    result = await Server(simcord_env).ask(WHO)

    assert not result.response.ephemeral


async def test_a_private_answer_cannot_be_shared_in_a_channel_not_for_questions(server):
    asked = await server.ask(WHO, private=True)
    await server.keep_questions_to(server.guild.create_text_channel("asking"))

    result = await server.ann.click(asked.response, label="Share")

    assert "In this server questions are asked in" in told(result)
    assert server.channel.history(viewer=server.bob) == []


async def test_the_settings_of_somebody_who_may_no_longer_manage_are_refused(server, simcord_bot):
    settings = await server.manage("settings")
    server.dismiss_may()

    turned = await server.may.click(settings.response, label="Show answers to the asker alone")
    chosen = await server.may.select(settings.response, [server.channel])

    assert told(turned) == told(chosen) == "This is for people who may manage the server."
    assert await simcord_bot.state.guild(server.guild.id) == GuildSettings()


@pytest.mark.parametrize("per_minute", ["2"])
async def test_a_person_asks_so_many_questions_a_minute(server):
    await server.ask(WHO)
    await server.ann.send(server.channel, f"{server.bot_mention} {WHO}")  # counts, too

    said = server.refused(await server.ask(WHO))

    assert "2 questions in a minute" in said
    assert said.endswith("; please wait 60 seconds.")
    of_another = await server.bob.slash(server.channel, "ask", question=WHO)
    assert card(of_another).description == NIXON
    await server.env.advance_time(61)
    assert card(await server.ask(WHO)).description == NIXON


async def test_0_is_no_limit(server):
    for _ in range(11):
        assert card(await server.ask("Zyx wvu?")).title == "Zyx wvu?"
