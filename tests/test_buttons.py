from simcord_bot import LAMP, WHO, WHO_LAMP, buttons, card, fields, told


async def test_context_shows_the_sentence_in_its_paragraph(server):
    asked = await server.ask(WHO)

    result = await server.bob.click(asked.response, label="Context")

    shown = card(result)
    assert result.response.ephemeral
    assert (shown.title, shown.url) == ("[1] The lunar call", "https://example.org/moon")
    assert shown.description == (
        "The president waited in the Oval Office. **On 20 July 1969 Richard Nixon called Neil"
        " Armstrong on the Moon.**"
    )
    assert shown.footer.text == "Test Desk, 1969-07-21"
    assert card(asked).title == WHO  # the answer stays


async def test_passages_are_shown_in_pages_that_each_reader_turns(server):
    asked = await server.ask("When did the garden club meet?")

    first = await server.bob.click(asked.response, label="More passages")
    assert first.response.ephemeral
    assert card(first).footer.text == "Page 1 of 2"
    assert len(card(first).fields) == 5
    assert buttons(first) == {"Back": False, "Next": True}

    second = await server.bob.click(first.response, label="Next")
    assert second.response.id == first.response.id
    assert card(second).footer.text == "Page 2 of 2"
    assert card(second).fields[0].name.startswith("6. ")
    assert buttons(second) == {"Back": True, "Next": False}

    again = await server.bob.click(second.response, label="Back")
    assert card(again).footer.text == "Page 1 of 2"


async def test_the_passages_of_an_answer_begin_with_the_cited_one(server):
    asked = await server.ask("When was the bridge opened?", article="bridge")

    result = await server.ann.click(asked.response, label="More passages")

    assert card(result).footer.text == "Page 1 of 1"
    assert fields(result)["[1] The bridge over the Orr"] == (
        "> “The bridge over the Orr was opened on 9 June 1934.”\n-# Orr Gazette, 1934"
    )
    assert buttons(result) == {}


async def test_a_private_answer_can_be_shared_with_its_buttons(server):
    asked = await server.ask(WHO, private=True)

    result = await server.ann.click(asked.response, label="Share")

    (posted,) = server.channel.history(viewer=server.bob)
    assert posted.embeds == asked.response.embeds
    assert list(buttons(result)) == ["Context", "More passages", "Right", "Wrong"]
    context = await server.bob.click(posted, label="Context")
    assert card(context).title == "[1] The lunar call"


async def test_each_person_has_one_vote_and_the_last_one_counts(server, simcord_bot):
    asked = await server.ask(WHO)
    assert await simcord_bot.state.rated() == []

    await server.ann.click(asked.response, label="Right")
    await server.bob.click(asked.response, label="Right")
    result = await server.bob.click(asked.response, label="Wrong")

    assert told(result) == (
        "Thank you; your vote is that this answer is wrong. Press the other to change it."
    )
    (rated,) = await simcord_bot.state.rated()
    assert (rated.right, rated.wrong) == (1, 1)
    assert (rated.answer.status, rated.answer.question) == ("answered", None)


async def test_buttons_work_after_a_restart(server, restart):
    asked = await server.ask("When did the garden club meet?")
    pages = await server.ann.click(asked.response, label="More passages")
    await server.ann.click(asked.response, label="Right")

    app = await restart()

    context = await server.ann.click(asked.response, label="Context")
    assert context.response.embeds[0].title.startswith("[1] Minutes, part ")
    turned = await server.ann.click(pages.response, label="Next")
    assert card(turned).footer.text == "Page 2 of 2"
    await server.bob.click(asked.response, label="Wrong")
    (rated,) = await app.state.rated()
    assert (rated.right, rated.wrong) == (1, 1)


async def test_context_owns_up_to_an_article_that_was_changed_since(server):
    server.keep(LAMP)
    asked = await server.ask(WHO_LAMP)
    server.keep(LAMP | {"text": "It was Elena Marsh who phoned Josef Brandt. It was late."})

    result = await server.ann.click(asked.response, label="Context")

    assert told(result) == (
        "An article that this answer is from was changed or removed since; please ask again."
    )


async def test_pages_are_counted_alike_where_articles_were_changed_since(server):
    rows = [{"id": f"{n}", "text": f"Elena Marsh rang bell number {n}."} for n in range(8)]
    server.keep(*rows)
    asked = await server.ask("Who rang the bell?")
    first = await server.ann.click(asked.response, label="More passages")
    server.keep(rows[0], *(row | {"text": f"At noon {row['text']}"} for row in rows[1:]))

    second = await server.ann.click(first.response, label="Next")

    shown, notice = second.response.embeds
    assert shown.footer.text == "Page 2 of 2"
    assert notice.description.startswith("An article that this answer is from was changed")
