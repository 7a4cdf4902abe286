from dataclasses import replace

import pytest
from discord_rules import Form, check_components, check_embeds
from hypothesis import given, settings
from hypothesis import strategies as st
from test_quoting import HOSTILE, MEANING, without_escapes

from bot.buttons import answer_buttons
from bot.cards import answer_card, context_cards, notice, pages_of, passages_card, sources_card
from bot.catalogue_cards import (
    Status,
    article_card,
    catalogue_card,
    percentile,
    status_card,
)
from bot.library import Entry
from bot.quoting import restored
from bot.state import Kept, Quote
from index.answer import Answer, Finding
from index.article import Article
from index.ask import Sources, ask
from index.dates import When
from index.question import parse_question
from index.search import Passage
from index.sentences import Sentence
from index.snapshot import Counts


def faults(*embeds):
    """What Discord would refuse in a message with these embeds."""
    form = Form()
    check_embeds(form, [embed.to_dict() for embed in embeds])
    return form.wrong


def article_of(words, times=1, *, known=True):
    """An article whose every part is hostile and, with many *times*, far too long."""
    long = (words or "x") * times
    return Article(
        id=long,
        title=long,
        text=f"{long}.",
        source=long if known else None,
        author=long if known else None,
        date="1969-07-20" if known else None,
        url=f"https://a.b/{words}" if known else "javascript:x",
    )


def answer_of(question, articles, findings):
    """An answer of so many findings, each the whole text of one of the articles."""
    asked = parse_question(question)
    found = []
    for number in range(findings):
        article = articles[number % len(articles)]
        whole = Sentence(article.id, 0, 0, len(article.text))
        found.append(
            Finding(
                slot=asked.slots[number % len(asked.slots)].name,
                text=article.text,
                article=article,
                number=number,
                sentence=whole,
                start=0,
                end=len(article.text),
                confidence=0.5,
                citation=number + 1,
                event=1 + number // len(asked.slots) % 3,
                name=article.title,
                when=When("1969", "year", "article_year"),
                speaker=article.author,
            )
        )
    passages = tuple(passage_of(one) for one in articles)
    long = articles[0].text
    return Answer(
        asked,
        "answered" if found else "not_found",
        long,
        long if found else None,
        0.5,
        tuple(found),
        passages,
        respelled=((long, long),),
    )


def passage_of(article):
    return Passage(0, article, Sentence(article.id, 0, 0, len(article.text)), 1.0)


QUESTIONS = ["Who called?", "Who called whom, when, where and why?", "Who `@everyone` <@1>?"]
TIMES = st.sampled_from([1, 1, 7, 100, 1000])


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(QUESTIONS),
    st.lists(HOSTILE, min_size=1, max_size=3),
    st.sampled_from(
        [1, 7, 100]
    ),  # the longest of all are in the next test; 300 of them take minutes
    st.sampled_from([0, 1, 2, 5, 300]),
)
def test_no_answer_exceeds_what_discord_takes(question, words, times, findings):
    articles = [article_of(one, times) for one in words]

    assert faults(answer_card(answer_of(question, articles, findings))) == []


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(HOSTILE, TIMES, st.booleans()), max_size=12), HOSTILE)
def test_no_list_or_article_exceeds_what_discord_takes(recipes, words):
    found = [article_of(one, times, known=known) for one, times, known in recipes]
    passages = [passage_of(one) for one in found]
    entries = [Entry(one.id, one.title, one.source, one.author, one.date, one.url) for one in found]
    sources = Sources(parse_question("Nixon " + words), tuple(passages), tuple(passages))

    pages = pages_of(len(passages))
    for page in range(pages):
        numbered = list(enumerate(passages, 1))
        assert faults(passages_card(numbered, page, pages, 2)) == []
    assert faults(sources_card(sources)) == []
    assert faults(sources_card(replace(sources, speaking=()))) == []
    assert faults(catalogue_card(entries, 0, words[:60])) == []
    assert faults(notice(words or "x")) == []
    for one in found:
        assert faults(article_card(one, 1, 0)) == []
    shown = [
        (number, one, [Sentence(one.id, 0, 0, len(one.text))], Sentence(one.id, 0, 0, 1))
        for number, one in enumerate(found, 1)
    ]
    assert faults(*context_cards(shown)) == []


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE)
def test_quoted_text_means_nothing_to_discord(title, text):
    article = Article("a", title or "t", f"{text} Nixon")
    sentence = Sentence("a", 0, 0, len(article.text))
    card = passages_card([(1, Passage(0, article, sentence, 1.0))], 0, 1, 0)

    name, value = card.fields[0].name, card.fields[0].value
    assert not MEANING.search(without_escapes(name.removeprefix("1. ")))
    assert not MEANING.search(without_escapes(value.removeprefix("> “").removesuffix("”")))


def test_an_answer_with_slots_shows_each_with_its_proof(built):
    snapshot = built(
        moon={
            "text": "On 20 July 1969 Richard Nixon called Neil Armstrong on the Moon.",
            "title": "The lunar *call*",
            "source": "Wire Desk",
            "date": "1969-07-21",
            "url": "https://example.org/moon",
        }
    )

    card = answer_card(ask(snapshot, "Who called whom, and when?")).to_dict()

    assert card["title"] == "Who called whom, and when?"
    assert card["description"] == ("## Richard Nixon called Neil Armstrong; when: 20 July 1969.")
    assert [(one["name"], one["value"], one["inline"]) for one in card["fields"]] == [
        ("Who", "Richard Nixon `[1]`", True),
        ("Whom", "Neil Armstrong `[1]`", True),
        ("When", "20 July 1969 `[1]`", True),
        (
            "[1] The lunar \\*call\\*",
            "> “On **20 July 1969** **Richard Nixon** called **Neil Armstrong** on the Moon.”\n"
            "-# Wire Desk, 1969-07-21 · [open the article](https://example.org/moon)",
            False,
        ),
    ]
    assert card["footer"]["text"] == "Confidence: very likely right (0.92)"


def test_a_missing_slot_is_not_stated(built):
    snapshot = built(a="Ada Quist met Jon Ravn in the harbour office.")

    card = answer_card(ask(snapshot, "Who met whom, and when?")).to_dict()

    assert {one["name"]: one["value"] for one in card["fields"]}["When"] == "*not stated*"
    assert "The articles found do not state when." in card["description"]


def test_who_says_so_is_said(built):
    snapshot = built(a="According to Mary Quill, the bridge at Port Selwyn fell in March 1921.")

    card = answer_card(ask(snapshot, "When did the bridge at Port Selwyn fall?")).to_dict()

    assert card["description"].startswith("## March 1921 (according to Mary Quill) `[1]`")


def test_what_the_articles_do_not_say_is_said_with_the_nearest_sentence(built):
    snapshot = built(
        a={"text": "Richard Nixon called Neil Armstrong on the Moon.", "title": "The call"}
    )

    card = answer_card(ask(snapshot, "Who called Leonid Brezhnev?")).to_dict()

    assert card["description"] == (
        "## The articles do not say\nNo article mentions Leonid or Brezhnev.\n\n"
        "The nearest sentence, which is not an answer:"
    )
    [field] = card["fields"]
    assert field["name"] == "The call"
    assert "Richard Nixon **called** Neil Armstrong on the Moon." in field["value"]


def test_a_word_looked_up_as_another_is_said_in_words(built):
    snapshot = built(a="Ada Quist met Jon Ravn in the harbour office.")

    card = answer_card(ask(snapshot, "Whom did Ada Qist meet?")).to_dict()

    assert card["description"].startswith("-# No article holds “Qist”; looked for “Quist”.\n")


def test_citations_that_do_not_fit_are_counted():
    article = Article("a", "t", "x" * 900)
    finding = Finding("who", "xxx", article, 0, Sentence("a", 0, 0, 900), 0, 3, 0.9, 1, 1)
    answer = Answer(
        parse_question("Who?"),
        "answered",
        None,
        "xxx",
        0.9,
        tuple(replace(finding, citation=number) for number in range(1, 31)),
        (),
    )

    card = answer_card(answer)

    cited = sum(field.name.startswith("[") for field in card.fields)
    assert card.fields[-1].value == f"{30 - cited} more sentences are cited: see **More passages**."
    assert 3 <= cited < 30


def test_the_cited_sentence_stands_within_its_paragraph():
    text = "It rained. Nixon called Armstrong. Then he slept.\n\nAnother paragraph."
    article = Article("a", "The call", text, source="Desk", url="https://example.org")
    paragraph = [Sentence("a", 0, 0, 10), Sentence("a", 0, 11, 34), Sentence("a", 0, 35, 49)]

    [card] = context_cards([(2, article, paragraph, paragraph[1])])

    assert card.title == "[2] The call"
    assert card.description == "It rained. **Nixon called Armstrong.** Then he slept."
    assert (card.url, card.footer.text) == ("https://example.org", "Desk")


def test_a_title_keeps_its_question_for_a_follow_up(built):
    snapshot = built(a="Richard Nixon called Neil Armstrong on the Moon.")
    question = "Who called *Neil* <@1> [Armstrong]?"

    assert restored(answer_card(ask(snapshot, question)).title) == question


@pytest.mark.parametrize(
    ("cited", "passages", "is_private", "labels"),
    [
        (1, 4, False, ["Context", "More passages", "Right", "Wrong"]),
        (1, 4, True, ["Context", "More passages", "Share", "Right", "Wrong"]),
        (0, 0, False, ["Right", "Wrong"]),
    ],
)
async def test_an_answer_has_the_buttons_that_lead_somewhere(cited, passages, is_private, labels):
    quotes = tuple(Quote("a" * 200, 0, 1, "d") for _ in range(passages))
    kept = Kept("0123456789abcdef", None, "answered", 1, None, (), quotes, cited)

    rows = answer_buttons(kept, is_private=is_private).to_components()

    form = Form()
    check_components(form, rows, 0)
    assert form.wrong == []
    assert [button["label"] for button in rows[0]["components"]] == labels


def test_the_status_tells_counts_and_times():
    from datetime import UTC, datetime

    day = datetime(2026, 1, 2, tzinfo=UTC)
    counts = Counts(articles=1200, paragraphs=1, sentences=50_000)
    status = Status("1.2", "abcdef0123456789", {"Articles": counts}, day, day, (0.1, 0.2, 0.3))

    card = status_card(status).to_dict()

    assert faults(status_card(status)) == []
    assert [one["value"] for one in card["fields"]] == [
        "1,200 articles\n50,000 sentences",
        "<t:1767312000:R>",
        "<t:1767312000:R>",
        "p50 200 ms · p95 300 ms · p99 300 ms",
    ]


def test_percentiles_are_of_the_nearest_rank():
    assert [percentile(range(1, 101), share) for share in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([7.0], 50) == 7.0
