"""Structured reports: a valid skeleton with its references and without statements."""

from pathlib import Path

from pydicom.dataset import Dataset

from tests.deid.house import dataset, deidentify
from tests.dicom import raw

SR = b"1.2.840.10008.5.1.4.1.1.88.33"
CANARY = b"CANARYQZX"


def content(value_type: bytes, *more: bytes) -> bytes:
    head = [raw.element(0x0040A010, b"CS", b"CONTAINS"), raw.element(0x0040A040, b"CS", value_type)]
    return raw.item(raw.in_order([*head, *more]))


def image(uid: bytes) -> bytes:
    reference = raw.item(raw.element(0x00081150, b"UI", raw.CT) + raw.element(0x00081155, b"UI", uid))
    return content(b"IMAGE", raw.sequence(0x00081199, reference))


def text(value: bytes) -> bytes:
    return content(b"TEXT", raw.element(0x0040A160, b"UT", value))


def report(*items: bytes, verified: bool = False) -> bytes:
    extra = [
        raw.element(0x0040A040, b"CS", b"CONTAINER"),
        raw.element(0x0040A491, b"CS", b"COMPLETE"),
        raw.element(0x0040A493, b"CS", b"VERIFIED" if verified else b"UNVERIFIED"),
        raw.sequence(0x0040A730, *items),
    ]
    if verified:
        observer = raw.element(0x0040A027, b"LO", CANARY) + raw.element(0x0040A075, b"PN", CANARY)
        extra.append(raw.sequence(0x0040A073, raw.item(observer)))
    return raw.file(raw.instance(*extra, sop_class=SR))


def values(found: Dataset) -> list[str]:
    return [item.ValueType for item in found.ContentSequence]


def test_statements_go_and_references_stay(tmp_path: Path) -> None:
    person = content(b"PNAME", raw.element(0x0040A123, b"PN", CANARY))
    group = content(b"CONTAINER", raw.sequence(0x0040A730, text(CANARY), image(b"1.2.3.9")))
    out, made = deidentify(report(person, text(CANARY), image(b"1.2.3.8"), group), tmp_path)
    assert CANARY not in out
    found = dataset(out)
    assert values(found) == ["IMAGE", "CONTAINER"]
    assert values(found.ContentSequence[1]) == ["IMAGE"]
    uid = found.ContentSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID
    assert uid.startswith("2.25.")
    removed = [change.path for change in made.changes if change.path[:1] == (0x0040A730,) and change.after is None]
    assert (0x0040A730, 0) in removed
    assert (0x0040A730, 3, 0x0040A730, 0) in removed


def test_a_tree_without_references_keeps_one_dummy(tmp_path: Path) -> None:
    out, _made = deidentify(report(text(CANARY), text(CANARY)), tmp_path)
    found = dataset(out)
    assert CANARY not in out
    assert values(found) == ["TEXT"]
    assert found.ContentSequence[0].ConceptNameCodeSequence[0].CodeMeaning == "Comment"


def test_a_container_that_became_empty_has_no_content(tmp_path: Path) -> None:
    group = content(b"CONTAINER", raw.sequence(0x0040A730, text(CANARY)))
    out, _made = deidentify(report(group, image(b"1.2.3.8")), tmp_path)
    found = dataset(out)
    assert values(found) == ["CONTAINER", "IMAGE"]
    assert "ContentSequence" not in found.ContentSequence[0]


def test_a_verified_report_keeps_a_dummy_observer(tmp_path: Path) -> None:
    out, _made = deidentify(report(image(b"1.2.3.8"), verified=True), tmp_path)
    found = dataset(out)
    assert CANARY not in out
    assert len(found.VerifyingObserverSequence) == 1
    assert found.VerifyingObserverSequence[0].VerifyingObserverName == "REMOVED"


def test_an_item_without_value_type_goes(tmp_path: Path) -> None:
    by_reference = raw.item(raw.element(0x0040A010, b"CS", b"INFERRED FROM"))
    out, _made = deidentify(report(by_reference, image(b"1.2.3.8")), tmp_path)
    assert values(dataset(out)) == ["IMAGE"]
