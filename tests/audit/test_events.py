"""Nothing that could carry identity or free text can be written into the log."""

from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.house import ACCOUNT, DIGEST, SECOND, some_event
from workbench.audit import events
from workbench.audit.canon import canonical
from workbench.audit.events import KINDS, Front, Refusal, SeriesPrepared, SessionRefused, StudyReceived, shape_of
from workbench.audit.shapes import Shape, plain
from workbench.records.actor import Role
from workbench.records.errors import UsageError


def leaves(hint: Any) -> list[Any]:
    if get_origin(hint) is Annotated:
        return [hint]
    arguments = [argument for argument in get_args(hint) if argument not in {NoneType, Ellipsis}]
    return [leaf for argument in arguments for leaf in leaves(argument)] or [hint]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_of_every_event_is_opaque_by_type(kind: str):
    for name, hint in shape_of(KINDS[kind]).items():
        for leaf in leaves(hint):
            checked = get_origin(leaf) is Annotated and isinstance(get_args(leaf)[1], Shape)
            plain_kind = leaf in {int, bool, datetime} or (isinstance(leaf, type) and issubclass(leaf, StrEnum))
            assert checked or plain_kind, f"{name} of {kind} could hold anything"
        assert get_origin(hint) in {None, Annotated, Union, UnionType, tuple} or "Mapping" in str(hint)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_says_what_it_is_and_is_named_noun_verb(kind: str):
    cls = KINDS[kind]
    assert cls.__doc__
    assert cls.kind == kind
    assert isinstance(cls.urgent, bool)
    assert kind.count(".") == 1


def test_what_hides_or_reveals_something_is_urgent():
    """A checkpoint follows at once: these may not fall into the exposure window."""
    for kind in ("study.approved", "study.withdrawn", "release.created", "release.revoked", "value.revealed"):
        assert KINDS[kind].urgent
    for kind in ("crosswalk.read", "account.roles", "account.created", "receipt.recorded", "log.restored", "home.init"):
        assert KINDS[kind].urgent


IDENTITY = [
    "Müller^Hans",
    "SMITH^JOHN",
    "Smith",
    "john",
    "19700131",
    "1970-01-31",
    "12345678",
    "1.2.840.113619.2.55.3.604688119.969.1234567890.123",
    "MRN 1234567",
    "CT chest with contrast",
    "/data/in/mueller.dcm",
    "hans@example.org",
    "",
    " ",
    "WB-000001\n",
    "wb-000001 ",
    "x" * 500,
    "\u0661\u0662\u0663\u0664",
]


@pytest.mark.parametrize("value", IDENTITY)
def test_identity_is_refused_where_an_identifier_belongs_and_not_repeated(value: str):
    with pytest.raises(UsageError) as refused:
        StudyReceived(study=value, series=1, instances=1)
    assert refused.value.code == "event-refused"
    assert not value.strip() or value not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    ["WB-000001", ACCOUNT, "0f8fad5b-d9cb-469f-a165-70867728950e", "account-0123456789abcdef", "rel_" + "a" * 32],
)
def test_opaque_identifiers_pass(value: str):
    assert StudyReceived(study=value, series=1, instances=1).data()["study"] == value


@pytest.mark.parametrize("value", [True, -1, 2**53, 1.0, "1", None])
def test_a_count_is_a_count(value: Any):
    with pytest.raises(UsageError):
        StudyReceived(study="WB-000001", series=value, instances=1)
    assert StudyReceived(study="WB-000001", series=2**53 - 1, instances=0).series == 2**53 - 1


def test_enumerations_take_members_only():
    with pytest.raises(UsageError):
        SessionRefused(reason="wrong-password", front=Front.CLI)  # type: ignore[arg-type] # the point of the test
    assert SessionRefused(reason=Refusal.WRONG_PASSWORD, front=Front.CLI).data() == {
        "reason": "wrong-password",
        "front": "cli",
    }


def test_members_and_counts_are_checked_too():
    with pytest.raises(UsageError):
        events.AccountCreated(account=ACCOUNT, roles=(Role.ADMIN, "boss"))  # type: ignore[arg-type] # the point
    with pytest.raises(UsageError):
        events.AccountCreated(account=ACCOUNT, roles=[Role.ADMIN])  # type: ignore[arg-type] # the point
    series = {"study": "WB-000001", "preparation": ACCOUNT, "series": SECOND, "instances": 1, "held": 0, "root": DIGEST}
    for counts in (
        {"John Smith": 1},
        {"remove": "1"},
        {"remove": -1},
        {1: 1},
        "remove",
        {f"a{n}": 1 for n in range(1001)},
    ):
        with pytest.raises(UsageError):
            SeriesPrepared(changes=counts, findings={}, **series)  # type: ignore[arg-type] # the point of the test
    assert SeriesPrepared(changes={"remove": 3}, findings={}, **series).data()["changes"] == {"remove": 3}  # type: ignore[arg-type] # mixed


def test_a_mapping_that_changes_after_the_event_was_made_is_checked_again():
    counts = {"remove": 1}
    event = SeriesPrepared(
        study="WB-000001",
        preparation=ACCOUNT,
        series=SECOND,
        instances=1,
        held=0,
        root=DIGEST,
        changes=counts,
        findings={},
    )
    counts["John Smith"] = 1
    with pytest.raises(UsageError):
        event.data()


def test_a_time_needs_a_zone():
    with pytest.raises(UsageError):
        plain(datetime, datetime(2026, 1, 31), "at")  # noqa: DTZ001 - the point of the test


@given(st.text(max_size=40))
def test_no_text_with_a_space_or_a_capital_name_becomes_an_identifier(value: str):
    try:
        event = StudyReceived(study=value, series=1, instances=1)
    except UsageError:
        return
    assert any(character.isdigit() or len(value) >= 16 for character in event.study)
    assert event.study.isascii()


@pytest.mark.parametrize("number", range(1, 12))
def test_an_event_is_canonical_ascii(number: int):
    body = canonical(some_event(number).data())
    assert body.isascii()
    assert b"\n" not in body


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.5},
        {"a": None},
        {"a": "\u00e9"},
        {"a": "x\ny"},
        {"\u00e9": 1},
        {1: 1},
        {"a": 2**53},
        {"a": [b""]},
        {"a": {1}},
    ],
)
def test_an_entry_has_one_spelling_or_is_refused(value: Any):
    with pytest.raises(ValueError, match="entry"):
        canonical(value)
