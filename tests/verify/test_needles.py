"""Spellings and the two searches: what counts as the same name, number or day, and what does not."""

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workbench.verify.generic import is_generic
from workbench.verify.identity import Identity, Kind, Value
from workbench.verify.needles import Needles
from workbench.verify.waivers import Waivers

ID = 0x00100020


def needles(*values: tuple[Kind, str], uids: tuple[str, ...] = (), waivers: Waivers | None = None) -> Needles:
    identity = Identity(frozenset(Value(kind, text, b"", ID) for kind, text in values), frozenset())
    return Needles(identity, uids, waivers)


def in_bytes(found: Needles, data: bytes) -> bool:
    return any(True for _hit in found.in_bytes(data))


NAMES = [
    ("Smithers^Waylon", "SMITHERS"),
    ("Smithers^Waylon", "waylon"),
    ("Doe^Jane", "Jane Doe"),
    ("Doe^Jane", "DOE, JANE"),
    ("Doe^Jane", "doe_jane"),
    ("Doe^Jane", "JaneDoe"),
    ("Doe^Jane^Q", "DOE^JANE"),
    ("Hand^Peter", "hand^peter"),
    ("Müller^Jörg", "Mueller"),
    ("Müller^Jörg", "MULLER"),
    ("Müller^Jörg", "Müller"),
    ("Łukasz^Ana", "Lukasz"),
    ("Sørensen^Pål", "Sorensen"),
    ("O'Hara^Scarlett", "OHARA SCARLETT"),
    ("Smith-Jones^Al", "SmithJones"),
    ("van der Berg^Jo", "vanderberg"),
    ("Wang^XiaoDong=王^小东", "患者 王小东 CT"),
    ("Yamada^Tarou=山田^太郎", "CT 山田"),
    ("Nguyễn^Thị Minh", "Nguyen"),
    ("Иванов^Пётр", "IVANOV"),
    ("Иванов^Пётр", "Petr"),
    ("Щербаков^Юрий", "Shcherbakov Yuriy"),
    ("Παπαδόπουλος^Νίκος", "PAPADOPOULOS"),
    ("Yamada^Tarou=山田^太郎=やまだ^たろう", "頭部 タロウ 造影"),
]


@pytest.mark.parametrize(("name", "written"), NAMES)
def test_a_name_is_found_in_text(name: str, written: str) -> None:
    assert needles((Kind.NAME, name)).in_text(f"see {written} again") == {Kind.NAME}


@pytest.mark.parametrize(("name", "written"), NAMES[:11])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "latin-1"])
def test_a_name_is_found_in_bytes(name: str, written: str, encoding: str) -> None:
    assert in_bytes(needles((Kind.NAME, name)), b"\0\1\2\0" + written.encode(encoding) + b"\0\0\3\0")


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("山田^太郎", "iso2022_jp_2"),
        ("山田^太郎", "shift_jis"),
        ("山田^太郎", "euc_jp"),
        ("王^小东", "gb18030"),
        ("홍^길동", "euc_kr"),
        ("Люксембург^Иван", "iso8859-5"),
        ("Παπαδοπούλου^Ελένη", "iso8859-7"),
        ("Łukaszewicz^Żaneta", "iso8859-2"),
    ],
)
def test_a_name_is_found_in_the_character_sets_that_can_write_it(name: str, encoding: str) -> None:
    family, given_name = name.split("^")
    for written in (name, family + given_name):
        assert in_bytes(needles((Kind.NAME, name)), b"xx " + written.encode(encoding) + b" yy")


def test_the_bytes_as_they_stood_are_found_whatever_they_mean() -> None:
    raw = "Müller^Jörg".encode("cp850")
    value = Value(Kind.NAME, raw.decode("latin-1"), raw, ID)
    found = Needles(Identity(frozenset({value}), frozenset()), ())
    assert in_bytes(found, b"COM" + raw[:6] + b"\0")


@pytest.mark.parametrize(
    "written",
    [
        "19510623", "1951-06-23", "23.06.1951", "06/23/1951", "23/06/1951", "23 Jun 1951", "23-JUN-1951",
        "June 23, 1951", "23 june 1951", "23. June 1951", "23061951", "6/23/1951",
    ],
)  # fmt: skip
def test_a_day_is_found(written: str) -> None:
    found = needles((Kind.DATE, "19510623"))
    assert found.in_text(f"born {written}.") == {Kind.DATE}
    if len(written) >= 8:
        assert in_bytes(found, b"born " + written.encode() + b".")


@pytest.mark.parametrize("written", ["119510623", "195106231", "2.25.19510623.1", "24.06.1951", "1951"])
def test_digits_of_something_else_are_no_day(written: str) -> None:
    assert not in_bytes(needles((Kind.DATE, "19510623")), b"x " + written.encode() + b" x")


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("MRN-77-31", "mrn7731"),
        ("943-77-1182", "943771182"),
        ("0001234567", "1234567"),
        ("A.12.B.77", "A12B77"),
        ("555 01 23", "5550123"),
    ],
)
def test_an_identifier_is_found_without_its_separators(number: str, written: str) -> None:
    found = needles((Kind.IDENTIFIER, number))
    assert found.in_text(f"id {written} of") == {Kind.IDENTIFIER}
    assert in_bytes(found, b"id " + written.encode() + b" of")


def test_original_uids_are_found_whole() -> None:
    found = needles(uids=("1.2.826.0.1.5", "2.25.123456789"))
    assert in_bytes(found, b"\0UI1.2.826.0.1.5\0")
    assert in_bytes(found, b"see 2.25.123456789.")
    assert not in_bytes(found, b"1.2.826.0.1.55\0")
    assert not in_bytes(found, b"1.2.826.0.1.5.1\0")
    assert not in_bytes(found, b"9.1.2.826.0.1.5\0")


def test_the_words_of_a_place_that_only_a_name_has_are_found() -> None:
    found = needles((Kind.SITE, "Greenfield Imaging Center"), (Kind.SITE, "Universitätsklinikum Würzburg"))
    for written in ("CARDIAC GREENFIELD ECHO", "greenfield imaging center", "Wuerzburg", "WURZBURG"):
        assert found.in_text(written) == {Kind.SITE}, written
    for written in ("IMAGING", "CENTER", "Klinikum", "Greenfielder"):
        assert not found.in_text(written), written


def test_what_is_retained_on_purpose_is_not_searched() -> None:
    study, birth = (Value(Kind.DATE, "19510623", b"", tag) for tag in (0x00080020, 0x00100030))
    kept = Waivers(dates=True)
    assert not Needles(Identity(frozenset({study}), frozenset()), (), kept).in_text("19510623")
    assert Needles(Identity(frozenset({birth}), frozenset()), (), kept).in_text("19510623"), "no option keeps it"
    assert not needles(uids=("1.2.826.0.1.5",), waivers=Waivers(uids=True)).uids
    assert not needles((Kind.NAME, "Smithers^W"), waivers=Waivers(attributes=frozenset({ID}))).in_text("smithers")


def test_a_station_named_like_its_model_is_no_identity() -> None:
    identity = Identity(frozenset({Value(Kind.DEVICE, "SKYRA", b"", ID)}), frozenset({"magnetom skyra"}))
    assert not Needles(identity, ()).in_text("Skyra")


letters = st.text(st.characters(categories=("Lu", "Ll"), max_codepoint=0x24F), min_size=6, max_size=14)


@given(family=letters, given_name=letters, around=st.text(max_size=10))
def test_any_long_name_is_found_in_any_case_and_composition(family: str, given_name: str, around: str) -> None:
    assume(not is_generic(family))
    found = needles((Kind.NAME, f"{family}^{given_name}"))
    for written in (family.upper(), family.lower(), f"{given_name} {family}"):
        assert found.in_text(f"{around} {written} {around}")
    for form in ("NFC", "NFD"):
        assert in_bytes(found, b"\0" + unicodedata.normalize(form, family).encode() + b"\0")


@given(st.binary(max_size=300))
def test_searching_anything_never_fails(data: bytes) -> None:
    found = needles(
        (Kind.NAME, "Doe^Jane"), (Kind.DATE, "19510623"), (Kind.IDENTIFIER, "123456"), uids=("1.2.3.4.5.6.7",)
    )
    list(found.in_bytes(data))
    found.in_text(data.decode("latin-1"))


def test_a_value_of_absurd_length_is_found_by_either_end_and_costs_little() -> None:
    """Hostile files carry names of tens of thousands of characters; all of one would take minutes to prepare."""
    long = "".join(f"Zq{number:05d}x" for number in range(8000))
    found = needles((Kind.NAME, long))
    assert in_bytes(found, long[:80].encode())
    assert in_bytes(found, long[-80:].encode())
    assert sum(map(len, found._patterns)) < 20_000


@pytest.mark.parametrize("name", ["CHEST^XRAY", "ABDOMEN^CT", "HEAD^CT^1", "PHANTOM^ACR", "Trauma^Thorax"])
def test_a_name_of_words_of_imaging_only_is_a_placeholder(name: str) -> None:
    text = " ".join(reversed(name.split("^")))
    searched = needles((Kind.NAME, name))
    for written in (name, text, name.replace("^", " ")):
        assert not searched.in_text(f"see {written} again")
        assert not in_bytes(searched, written.encode())


@pytest.mark.parametrize("name", ["Hand^Peter", "CHEST^GRACE", "Brown^Head", "PALM^HAND", "GRAY^WEST", "HEAD^HAND"])
def test_any_other_word_makes_it_a_name(name: str) -> None:
    assert needles((Kind.NAME, name)).in_text(f"see {name.replace('^', ' ')} again") == {Kind.NAME}
