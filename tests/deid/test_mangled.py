"""Damaged files by the hundred: each ends as an output that the sceptic accepts, or with a named reason."""

import random  # noqa: TID251 (seeded: the same files each time)
import struct
from collections import Counter
from pathlib import Path

import pytest

from tests.deid.house import engine
from tests.dicom import raw
from workbench.flow.step import Prepared, Refusal, prepare_file, scan_file
from workbench.profiles import compile_plan, load
from workbench.verify import Sceptic, merge, merge_uids

NAME = b"Quintero^Zelda"
VRS = b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV".split()
MARKS = (
    b"\x10\0\x10\0",
    b"\xe0\x7f\x10\0",
    b"\xfe\xff\xdd\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\xfe\xff\x00\xe0",
    b"\x08\0\x05\0",
)

REFERENCE = raw.item(raw.element(0x00081150, b"UI", raw.CT) + raw.element(0x00081155, b"UI", b"1.2.3.9"))
EXTRA = [
    raw.element(0x00080005, b"CS", b"ISO_IR 100"),
    raw.element(0x00080008, b"CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
    raw.element(0x00080050, b"SH", b"ACC-88123"),
    raw.element(0x00081030, b"LO", b"CT for Quintero"),
    raw.sequence(0x00081140, REFERENCE, REFERENCE, defined=False),
    raw.sequence(0x00400260, raw.item(raw.element(0x00080104, b"LO", b"Quintero, Zelda"), defined=False)),
    raw.element(0x00180050, b"DS", b"1.25"),
    raw.element(0x00189005, b"SH", b"CT HEAD"),
    raw.element(0x00290010, b"LO", b"ACME"),
    raw.element(0x00291010, b"UN", NAME),
    raw.element(0x00280002, b"US", b"\1\0"),
    raw.element(0x00280010, b"US", b"\4\0"),
    raw.element(0x00280011, b"US", b"\4\0"),
    raw.element(0x00280100, b"US", b"\x08\0"),
    raw.element(0x00280101, b"US", b"\x08\0"),
    raw.element(0x00280102, b"US", b"\7\0"),
    raw.element(0x00280103, b"US", b"\0\0"),
]
WHOLE = raw.file(raw.instance(*EXTRA, raw.element(0x7FE00010, b"OB", bytes(range(16))), name=NAME))


def mangled(seed: int) -> bytes:
    chance, data = random.Random(seed), bytearray(WHOLE)  # noqa: S311 (the same files each time)
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(140, len(data))
        kind = chance.randrange(8)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at : at + 4] = chance.randbytes(4)
        elif kind == 2:
            del data[at : at + chance.choice((1, 2, 8, 600))]
        elif kind == 3:
            data[at:at] = chance.randbytes(chance.choice((1, 2, 8)))
        elif kind == 4:
            places = [place for place in range(300, len(data) - 4) if bytes(data[place : place + 2]) in VRS]
            place = chance.choice(places)
            data[place : place + 2] = chance.choice(VRS)
        elif kind == 5:
            data[at:at] = data[at - 40 : at - 8]
        else:
            place = data.find(chance.choice(MARKS), 140)
            if place > 0:
                data[place + 4 : place + 8] = struct.pack("<I", chance.choice((0, 1, 7, 0xFFFFFFFF, 0x7FFFFFFF)))
    return bytes(data)


def test_every_damaged_file_ends_well_or_with_a_name(tmp_path: Path) -> None:
    by, promises = engine(), compile_plan(load("basic")).promises()
    outcomes: Counter[str] = Counter()
    source, target = tmp_path / "source", tmp_path / "target"
    for seed in range(500):
        source.write_bytes(mangled(seed))
        target.unlink(missing_ok=True)
        scan = scan_file(source, 0, verify=True)
        outcome: Prepared | Refusal
        if isinstance(scan, Refusal):
            outcome = scan
        else:
            assert scan.harvest is not None
            sceptic = Sceptic(merge([scan.harvest]), merge_uids([scan.harvest]), promises)
            outcome = prepare_file(by, source, target, 0, sceptic=sceptic)
        if isinstance(outcome, Refusal):
            assert outcome.code not in {"unexpected", "verifier-cannot-read"}, seed
            assert "QUINTERO" not in (outcome.message + outcome.hint).upper()
            outcomes["refused"] += 1
        elif outcome.findings:
            assert not target.exists()
            outcomes["held back"] += 1
        else:
            assert b"Quintero" not in target.read_bytes()
            outcomes["written"] += 1
    assert outcomes["written"] > 50
    assert outcomes["refused"] > 50
    assert outcomes["held back"] < 25, outcomes


@pytest.mark.parametrize("number", [b"1", b"2"])
def test_recorded_sound_is_refused(number: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(raw.file(raw.instance(sop_class=b"1.2.840.10008.5.1.4.1.1.9.4." + number)))
    outcome = prepare_file(engine(), tmp_path / "a", tmp_path / "b", 0, sceptic=None)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "audio-not-supported"
