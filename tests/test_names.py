import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.names import antecedent, fullest_name, names_in, same_person

TEXT = (
    "Robert F. Kennedy Jr. spoke first. Senator Kennedy left early. Elena Marsh, captain of a"
    " ferry, saw John. Anna van der Berg met J. P. Moreau in Marsh Street. Walter Dunne Sr. and"
    " Walter Dunne Jr. waited; Dunne sold it. Ada O'Dea-Lind rang Dr. Lind."
)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Kennedy", "Robert F. Kennedy Jr."),
        ("Senator Kennedy", "Robert F. Kennedy Jr."),
        ("Robert Kennedy", "Robert F. Kennedy Jr."),
        ("Marsh", "Elena Marsh"),
        ("Elena", "Elena Marsh"),
        ("Captain Marsh", "Elena Marsh"),
        ("van der Berg", "Anna van der Berg"),
        ("Moreau", "J. P. Moreau"),
        ("Dunne", None),
        ("Elena Marsh", None),
        ("Dr. Lind", None),
        ("John", None),
        ("the keeper", None),
        ("", None),
    ],
)
def test_the_fullest_form_of_a_name(value, name):
    assert fullest_name(TEXT, value) == name


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Elena Marsh came home. Then ", "Elena Marsh"),
        ("Elena Marsh met Josef Brandt. Then ", None),
        ("It rained. Then ", None),
    ],
)
def test_a_pronoun_means_somebody_only_where_one_candidate_is_possible(text, person):
    assert antecedent(text + "she spoke.", len(text)) == person


def test_forms_of_one_person():
    assert same_person("Professor Castle", "Miriam Castle")
    assert not same_person("Miriam Castle", "Ruth Castle")
    assert not same_person("the keeper", "Josef Brandt")


@given(st.text(max_size=100))
def test_names_stand_where_they_are_said_to(text):
    for name in names_in(text):
        assert text.startswith(name.text.split()[0].rstrip("."), name.start)
