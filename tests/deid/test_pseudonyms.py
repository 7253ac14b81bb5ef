"""Pseudonyms: stable within a scope, unlinkable across, valid, and never a merge of strangers."""

import re
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.deid import pseudonyms as making
from workbench.deid.pseudonyms import (
    LONGEST_OFFSET,
    Pseudonyms,
    RandomPseudonyms,
    draw,
    is_placeholder,
    patient_key,
    repeatable,
)
from workbench.records.errors import InstanceRefused
from workbench.verify.checks.dates import AgesOver89

KEY = bytes(range(32))


@given(st.binary(min_size=1, max_size=64))
def test_uids_are_valid_uuid_derived_and_stable(original: bytes) -> None:
    uid = Pseudonyms(KEY, scope="a").uid(original).decode()
    assert re.fullmatch(r"2\.25\.(0|[1-9]\d{0,38})", uid)
    assert int(uid[5:]) < 1 << 128
    assert uid == Pseudonyms(KEY, scope="a").uid(original).decode()
    assert uid != Pseudonyms(KEY, scope="b").uid(original).decode()


@given(st.binary(max_size=64), st.sampled_from(["patient", "study", "accession"]))
def test_codes_fit_their_attributes_and_kinds_do_not_mix(original: bytes, kind: str) -> None:
    pseudonyms = Pseudonyms(KEY, scope="a")
    code = pseudonyms.code(kind, original, "P-").decode()
    assert re.fullmatch(r"P-[0-9A-HJKMNP-TV-Z]{12}", code)
    assert len(code) <= 16  # Accession Number and Study ID are SH
    assert pseudonyms.code("other", original, "P-").decode() != code


def test_forgetting_changes_no_pseudonym() -> None:
    pseudonyms = Pseudonyms(KEY, scope="a")
    before = pseudonyms.uid(b"1.2.3"), pseudonyms.code("patient", b"x")
    uids, codes = pseudonyms.forget()
    assert uids == {b"1.2.3": before[0]}
    assert codes == {("patient", b"x"): before[1]}
    assert (pseudonyms.uid(b"1.2.3"), pseudonyms.code("patient", b"x")) == before
    assert pseudonyms.forget()[0] == uids


def test_a_short_key_is_not_accepted() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Pseudonyms(b"short", scope="a")


@given(st.binary(max_size=20), st.binary(max_size=20), st.binary(max_size=20), st.binary(max_size=20))
def test_patients_are_one_only_if_issuer_and_id_are(a: bytes, b: bytes, c: bytes, d: bytes) -> None:
    issuers_and_ids = [(part.replace(b"\0", b""), other.replace(b"\0", b"")) for part, other in ((a, b), (c, d))]
    keys = [patient_key(issuer=issuer, patient_id=i, study_uid=b"1.2") for issuer, i in issuers_and_ids]
    if not any(is_placeholder(i) for _issuer, i in issuers_and_ids):
        assert (keys[0] == keys[1]) == (issuers_and_ids[0] == issuers_and_ids[1])


@given(st.binary(min_size=1, max_size=40))
def test_an_offset_is_whole_days_back_and_the_patients_own(patient: bytes) -> None:
    pseudonyms = Pseudonyms(KEY, scope="a")
    offset = pseudonyms.offset_days(patient)
    assert 1 <= offset <= LONGEST_OFFSET
    assert pseudonyms.of(patient).offset_days == offset


def test_offsets_differ_between_patients_and_scopes() -> None:
    offsets = {Pseudonyms(KEY, scope=scope).offset_days(b"%d" % n) for n in range(50) for scope in ("a", "b")}
    assert len(offsets) > 90


def test_drawn_pseudonyms_have_nothing_of_the_original() -> None:
    draws = repeatable(KEY, [b"1.2.3", b"1.2.4"])
    first, second = draw(draws), draw(draws)
    source = RandomPseudonyms({b"one": first, b"two": second}, scope="a")
    one, two = source.of(b"one"), source.of(b"two")
    assert one.code("patient", b"one", "S-") == b"S-" + first.code.encode()
    assert one.offset_days == first.offset_days
    assert one.uid(b"1.2.3") != two.uid(b"1.2.3")
    assert one.uid(b"1.2.3") == source.of(b"one").uid(b"1.2.3")
    uids, codes = source.forget()
    assert set(uids) == {b"1.2.3"}
    assert codes == {("patient", b"one"): b"S-" + first.code.encode()}


def test_a_draw_is_repeatable_by_key_and_inputs_only() -> None:
    def drawn(key: bytes, *inputs: bytes) -> str:
        return draw(repeatable(key, inputs)).code

    assert drawn(KEY, b"1", b"2") == drawn(KEY, b"1", b"2")
    assert len({drawn(KEY, b"1", b"2"), drawn(KEY, b"1"), drawn(bytes(32), b"1", b"2")}) == 3


def test_nobody_gets_a_pseudonym_that_was_not_drawn() -> None:
    with pytest.raises(InstanceRefused) as caught:
        RandomPseudonyms({}, scope="a").of(b"one")
    assert caught.value.code == "pseudonym-not-assigned"


def test_no_code_reads_as_an_age() -> None:
    """One of some 5,000 codes ended like `…93Y`, and the verifier held its patient back."""
    written = AgesOver89._written
    digests = [sha256(b"%d" % number).digest() for number in range(30_000)]
    read = [digest for digest in digests if written.search("P-" + making._spelt(digest))]
    assert read
    for digest in read:
        assert making._letters(digest) == making._letters(digest)
        assert not written.search("P-" + making._letters(digest))
    kept = [digest for digest in digests if making._letters(digest) == making._spelt(digest)]
    assert len(kept) > 0.98 * len(digests)
