"""Geometry of blackened regions: over all images and regions, what was done passes and what was not is found."""

import json
import resource
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import ExplicitVRLittleEndian

from tests.verify import making
from tests.verify.redacting import claimed, content, document, examine, grey, region
from workbench.pixels.layout import Area
from workbench.verify.black import Palette
from workbench.verify.blackening import frame_fault, misplaced
from workbench.verify.checks.redaction import spans
from workbench.verify.reading import Reader
from workbench.verify.redaction_document import Blackened, Box, RedactionDocument, read_document
from workbench.verify.source import HeldBytes
from workbench.verify.stored import StoredFrames, shape_of

READER = Reader()


def stored(values: Any, photometric: str, bits: int) -> StoredFrames:
    dataset = grey(values, photometric)
    dataset.BitsAllocated = bits
    if bits == 1:
        dataset.BitsStored, dataset.HighBit = 1, 0
        packed = np.packbits(values.astype("u1").ravel(), bitorder="little").tobytes()
        dataset.PixelData = packed + b"\0" * (len(packed) % 2)
    file = BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dcmwrite(file, dataset, enforce_file_format=True)
    reading = READER.read(HeldBytes(file.getvalue()))
    shape = shape_of(reading)
    assert shape is not None
    return StoredFrames(reading, shape)


@st.composite
def images(draw: st.DrawFn) -> tuple[Any, str, int, list[Box]]:
    rows, columns = draw(st.integers(1, 13)), draw(st.integers(1, 13))
    bits = draw(st.sampled_from([1, 16]))
    photometric = draw(st.sampled_from(["MONOCHROME1", "MONOCHROME2"]))
    seed = draw(st.integers(0, 9))
    values = np.random.default_rng(seed).integers(0, 2 if bits == 1 else 4096, (3, rows, columns))
    boxes = []
    for _ in range(draw(st.integers(1, 3))):
        left, top = draw(st.integers(0, columns - 1)), draw(st.integers(0, rows - 1))
        boxes.append(Box(left, top, draw(st.integers(left + 1, columns)), draw(st.integers(top + 1, rows))))
    return values, photometric, bits, boxes


@settings(max_examples=60)
@given(images(), st.integers(0, 2), st.data())
def test_what_was_blackened_passes_and_any_other_pixel_is_found(
    image: tuple[Any, str, int, list[Box]], number: int, data: st.DataObject
) -> None:
    values, photometric, bits, boxes = image
    most = 1 if bits == 1 else 4095
    painted = values.copy()
    for left, top, right, bottom in boxes:
        painted[number, top:bottom, left:right] = most if photometric == "MONOCHROME1" else 0
    before, after = stored(values, photometric, bits), stored(painted, photometric, bits)
    palette = Palette(before.reading, before.shape)
    regions = [Blackened(((1, 1),), box, box, box) for box in boxes]
    for each in range(3):
        assert frame_fault(before, after, each, regions if each == number else (), palette) == ""
    y = data.draw(st.integers(0, values.shape[1] - 1))
    x = data.draw(st.integers(0, values.shape[2] - 1))
    changed = data.draw(st.integers(0, 2))
    inside = changed == number and any(b.left <= x < b.right and b.top <= y < b.bottom for b in boxes)
    alone = inside and all(b == Box(x, y, x + 1, y + 1) for b in boxes)
    painted[changed, y, x] ^= 1
    fault = frame_fault(
        before, stored(painted, photometric, bits), changed, regions if changed == number else (), palette
    )
    assert fault or (alone and values.size == 3), "a single pixel that is darkest whatever it is"


@given(st.tuples(*[st.integers(0, 40)] * 4), st.sampled_from([(8, 8), (16, 8), (16, 16), (32, 8)]))
def test_blocks_of_jpeg_may_be_touched_and_no_more(numbers: tuple[int, int, int, int], block: tuple[int, int]) -> None:
    left, top, width, height = numbers
    image = Box(0, 0, 90, 90)
    asked = Box(left, top, left + width + 1, top + height + 1)
    across, down = block
    black = Box(
        left // across * across,
        top // down * down,
        -(-asked.right // across) * across,
        -(-asked.bottom // down) * down,
    ).grown(0, 0, image)
    touched = black.grown(1, 1, image)
    assert misplaced(Blackened(((1, 1),), asked, black, touched), image, pairs=False, block=block) == ""
    assert misplaced(Blackened(((1, 1),), asked, black, touched), image, pairs=False, block=None) != ""
    wide = asked.grown(across + 4, down + 4, image)
    if wide != asked.grown(across + 3, down + 3, image):
        assert misplaced(Blackened(((1, 1),), asked, black, wide), image, pairs=False, block=block) != ""


@given(st.integers(0, 20), st.integers(0, 5), st.integers(1, 8), st.integers(1, 3))
def test_neighbours_that_share_their_colour_go_together(left: int, top: int, width: int, height: int) -> None:
    image = Box(0, 0, 30, 30)
    asked = Box(left, top, left + width, top + height)
    rounded = Box(left // 2 * 2, top, -(-asked.right // 2) * 2, asked.bottom)
    assert misplaced(Blackened(((1, 1),), asked, rounded, rounded), image, pairs=True, block=None) == ""
    if rounded != asked:
        assert misplaced(Blackened(((1, 1),), asked, asked, asked), image, pairs=True, block=None) != ""


@given(st.lists(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=2), max_size=4))
def test_each_frame_is_held_against_the_regions_that_name_it(frames: list[list[tuple[int, int]]]) -> None:
    regions = []
    for number, each in enumerate(frames):
        ranges, last = [], 0
        for first, more in sorted(each):
            if first > last:
                ranges.append((first, min(9, first + more)))
                last = ranges[-1][1]
        box = Box(number, 0, number + 1, 1)
        regions.append(Blackened(tuple(ranges), box, box, box))
    seen = [(number, span.regions) for span in spans(regions, 9) for number in range(span.first, span.last + 1)]
    assert [number for number, _regions in seen] == list(range(1, 10))
    for number, active in seen:
        wanted = [each for each in regions if any(first <= number <= last for first, last in each.frames)]
        assert sorted(active, key=lambda each: each.asked) == wanted


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.just("113101"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.binary(max_size=60))
def test_no_bytes_raise(raw: bytes) -> None:
    assert isinstance(read_document(raw), str)


@given(st.data())
def test_no_document_raises_and_none_with_a_strange_part_is_believed(data: st.DataObject) -> None:
    made = content(region(Area(1, 1, 4, 4)), overlays=[{"asked": [1, 1, 2, 2], "frames": [[1, 1]], "group": 0x6000}])
    places = [made, made["regions"][0], made["overlays"][0]]
    target = data.draw(st.sampled_from(places))
    key = data.draw(st.sampled_from(sorted(target)))
    before = target[key]
    target[key] = data.draw(ANYTHING)
    read = read_document(json.dumps(made).encode())
    assert isinstance(read, str | RedactionDocument)
    if type(target[key]) is not type(before) and {type(target[key]), type(before)} != {int, float}:
        assert isinstance(read, str)


@pytest.mark.slow
def test_a_gigabyte_of_frames_within_bounded_memory(tmp_path: Path) -> None:
    evidence = document(region(Area(5, 5, 90, 40), frames=[[2, 700]]), frames=1024)
    for name in ("in", "out"):
        dataset = making.image(Rows=1024, Columns=512, NumberOfFrames=1024)
        if name == "out":
            claimed(making.deidentify(dataset), evidence)
        del dataset.PixelData
        header = making.save(dataset, tmp_path / f"{name}.dcm").read_bytes()
        header += b"\xe0\x7f\x10\x00OW\0\0" + (1 << 30).to_bytes(4, "little")
        with (tmp_path / f"{name}.dcm").open("wb") as file:
            file.write(header)
            file.truncate(len(header) + (1 << 30))
    (tmp_path / "evidence").write_bytes(evidence)
    program = "import sys; from tests.verify.test_blackening import measured; measured(sys.argv[1])"
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    findings, peak = done.stdout.split()
    assert findings == "0"
    assert int(peak) < 60, "MB above what the program takes before it looks"


def measured(folder: str) -> None:
    """Print how many findings the pixels of the pair in a folder have, and by how many MB memory grew."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    evidence = Path(folder, "evidence").read_bytes()
    findings = examine(Path(folder, "in.dcm"), Path(folder, "out.dcm"), evidence).findings
    said = [each for each in findings if each.check in ("redaction", "pixels-equal")]
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    sys.stdout.write(f"{len(said)} {grown}")
