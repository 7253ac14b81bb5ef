"""Whether two spellings can be one person: symmetric, order does not matter, and certain never contradicts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.flow.recognition import Claims, alike, contradictions

words = st.sampled_from([b"DOE", b"JANE", b"Q", b"ROE", b"RITA", b"M\xdcLLER", b"\xe5\xb1\xb1"])
names = st.lists(words, max_size=4, unique=True).map(b"^".join)
births = st.sampled_from([b"", b"19610704", b"19700101"])
claims = st.builds(
    Claims, name=names, birth=births, sex=st.sampled_from([b"", b"F", b"M"]), institution=st.sampled_from([b"", b"A"])
)


@given(one=claims, other=claims)
def test_both_questions_have_one_answer_for_a_pair(one, other):
    assert contradictions(one, other) == contradictions(other, one)
    assert alike(one, other) == alike(other, one)
    assert 0 <= contradictions(one, other) <= 2


@given(one=claims, other=claims)
def test_who_is_alike_does_not_contradict(one, other):
    if alike(one, other):
        assert contradictions(one, other) == 0
        assert one.birth == other.birth != b""


@given(one=claims)
def test_nobody_contradicts_themselves_or_silence(one):
    assert contradictions(one, one) == contradictions(one, Claims()) == 0
    assert not alike(one, Claims())


@given(one=claims, order=st.randoms(use_true_random=False))
def test_the_order_of_a_names_parts_does_not_matter(one, order):
    parts = one.name.split(b"^")
    order.shuffle(parts)
    turned = Claims(b" ".join(parts).lower(), one.birth, one.sex, one.institution)
    assert contradictions(one, turned) == 0
    assert alike(one, turned) == alike(one, one)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (b"DOE^JANE", b"DOE^JANE^Q", True),
        (b"DOE^JANE", b"JANE DOE", True),
        (b"DOE^JANE", b"DOE, JANE", True),
        (b"DOE", b"DOE^JANE", False),
        (b"DOE", b"DOE", True),
        (b"DOE^JANE", b"DOE^JOHN", False),
        (b"", b"", False),
    ],
)
def test_names_with_one_birth_date(one, other, expected):
    assert alike(Claims(one, b"19610704"), Claims(other, b"19610704")) is expected


def test_claims_do_not_show_themselves():
    assert "DOE" not in repr(Claims(b"DOE^JANE", b"19610704"))
