import pytest

from index.kinds import DATE, NAME, NUMBER, kinds_in
from index.search import Within, nearest_term, search
from index.terms import terms_of


def found(snapshot, words, k=10, **more):
    return [passage.quote for passage in search(snapshot, terms_of(words), k, **more).passages]


def test_the_sentence_that_holds_the_words_comes_first(built):
    snapshot = built(
        a="Bell rang a bell. Nixon called the Moon.", b="Watson heard Bell. Nobody called."
    )

    assert found(snapshot, "Nixon Moon") == ["Nixon called the Moon."]
    assert found(snapshot, "called")[0] in {"Nixon called the Moon.", "Nobody called."}
    assert found(snapshot, "nothing here holds zebras") == []


def test_ties_go_by_article_id_and_offset(built):
    snapshot = built(b="Same words. Same words.", a="Same words. Same words.")

    places = [
        (one.article.id, one.sentence.start) for one in search(snapshot, ["same", "word"]).passages
    ]

    assert places == [("a", 0), ("a", 12), ("b", 0), ("b", 12)]


def test_a_sentence_gains_from_its_paragraph_its_article_and_its_title(built):
    near = {"title": "Apollo", "text": "Nixon spoke.\n\nArmstrong stood on the Moon."}
    far = {"title": "Other", "text": "Nixon spoke.\n\nThe weather was fine that day."}
    snapshot = built(z=near, a=far)

    first = search(snapshot, terms_of("Nixon spoke to Armstrong, Apollo")).passages[0]

    assert (first.article.id, first.quote) == ("z", "Nixon spoke.")


def test_a_thing_of_the_kind_asked_for_counts(built):
    snapshot = built(a="The call was long and clear. The call came on 3 May 1961.")

    assert found(snapshot, "call", kind=DATE)[0] == "The call came on 3 May 1961."


def test_words_of_one_relation_bridge(built):
    snapshot = built(a="Cooper rang Engel. It snowed all day.")

    assert found(snapshot, "phoned") == []
    assert found(snapshot, "phoned", relation="phone") == ["Cooper rang Engel."]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("armstong", "armstrong"),
        ("amrstrong", "armstrong"),
        ("nixen", "nixon"),
        ("nixon", "nixon"),
        ("nyxen", None),
        ("zixon", None),
        ("nix", None),
        ("1968", None),
    ],
)
def test_spelling(built, written, meant):
    snapshot = built(a="Nixon called Armstrong in 1969.")

    assert nearest_term(snapshot, written) == meant


def test_a_misspelt_name_finds_what_the_right_one_finds(built):
    snapshot = built(a="Nixon called Armstrong.", b="Bell called Watson.")

    result = search(snapshot, terms_of("Armstong"))

    assert [one.quote for one in result.passages] == ["Nixon called Armstrong."]
    assert (result.unknown, result.respelled) == ({"armstong"}, {"armstong": "armstrong"})


def test_articles_and_dates_narrow_the_search(built):
    snapshot = built(
        year={"date": "1969", "text": "A call in a year."},
        month={"date": "1969-07", "text": "A call in a month."},
        day={"date": "1969-07-20", "text": "A call on a day."},
        never="A call without a date.",
    )

    def ids(**within):
        passages = search(snapshot, ["call"], within=Within(**within)).passages
        return {one.article.id for one in passages}

    assert ids() == {"year", "month", "day", "never"}
    assert ids(articles=frozenset({"day", "never", "unknown"})) == {"day", "never"}
    assert ids(articles=frozenset()) == set()
    assert ids(since="1969-07-21") == {"year", "month"}
    assert ids(until="1969-07-19") == {"year", "month"}
    assert ids(until="1969-06") == {"year"}
    assert ids(since="1969-07-20", until="1969-07-20") == {"year", "month", "day"}
    assert ids(since="1970") == set()


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("It rang on 3 May 1961.", DATE | NUMBER),
        ("It rang the next day.", DATE),
        ("It rang twice.", NUMBER),
        ("Then Nixon spoke.", NAME),
        ("Richard Nixon spoke.", NAME),
        ("It rang.", 0),
    ],
)
def test_the_kinds_of_thing_in_a_sentence(sentence, kinds):
    assert kinds_in(sentence) == kinds
