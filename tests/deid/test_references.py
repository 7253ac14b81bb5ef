"""What an output refers to: in explicit and implicit VR, at every depth, and nothing that only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dicom import raw
from workbench.deid.references import referenced_instances
from workbench.dicom.parts import Range


@pytest.mark.parametrize("explicit", [True, False])
def test_references_are_found_at_every_depth(explicit: bool) -> None:
    uids = [b"2.25.1", b"2.25.22"]
    items = [raw.item(raw.element(0x00081155, b"UI", uid, explicit=explicit)) for uid in uids]
    inner = raw.sequence(0x00081199, *items, explicit=explicit)
    outer = raw.sequence(0x0040A730, raw.item(inner), explicit=explicit)
    assert referenced_instances([b"head", outer, Range(0, 9)]) == {"2.25.1", "2.25.22"}


@given(st.binary(max_size=200))
def test_other_bytes_are_none(data: bytes) -> None:
    assert all(uid.replace(".", "").isdigit() for uid in referenced_instances([data, b"\x08\x00\x55\x11UI" + data]))
