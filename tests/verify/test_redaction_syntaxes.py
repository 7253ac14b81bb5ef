"""Blackened frames in every transfer syntax: what the product writes passes, and what its evidence hides is found."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
import simplejpeg
from openjpeg.utils import encode_array
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from rle.rle import encode_frame

from tests.pixels.images import described, layout, picture, redacted, with_frames
from tests.pixels.images import save as save_plain
from tests.verify import making
from tests.verify.redacting import Case, blackened, document, messages, region
from workbench.pixels.layout import Area
from workbench.pixels.workers import FrameWorker
from workbench.records.errors import WorkbenchError
from workbench.verify.black import Palette
from workbench.verify.blackening import frame_fault
from workbench.verify.reading import Reader
from workbench.verify.redaction_document import Blackened, Box
from workbench.verify.source import FileBytes
from workbench.verify.stored import StoredFrames, shape_of

OUTSIDE = "Pixels outside of the blackened regions differ from those of the input."
UNTOUCHED = "A frame without blackened regions differs from that of the input."

SYNTAX = {
    "jpeg": "1.2.840.10008.1.2.4.50",
    "extended": "1.2.840.10008.1.2.4.51",
    "lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "near-lossless": "1.2.840.10008.1.2.4.81",
    "jpeg-2000": "1.2.840.10008.1.2.4.90",
    "jpeg-2000-lossy": "1.2.840.10008.1.2.4.91",
    "htj2k": "1.2.840.10008.1.2.4.201",
    "rle": "1.2.840.10008.1.2.5",
    "uncompressed": "1.2.840.10008.1.2.1.98",
}


def _jpeg(values: Any) -> bytes:
    if values.ndim == 2:
        return bytes(simplejpeg.encode_jpeg(values[..., None].copy(), 85, colorspace="GRAY"))
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(values), 85, colorspace="RGB", colorsubsampling="420"))


def _bits(values: Any) -> int:
    return 8 if values.dtype.itemsize == 1 else 12


def _jpeg_2000(values: Any, ratios: list[float] | None) -> bytes:
    mixed = values.ndim == 3
    kind = int(mixed)
    return bytes(
        encode_array(values, _bits(values), use_mct=mixed, photometric_interpretation=kind, compression_ratios=ratios)
    )


def _rle(values: Any) -> bytes:
    samples = 1 if values.ndim == 2 else 3
    return bytes(encode_frame(values.tobytes(), *values.shape[:2], samples, 8 * values.dtype.itemsize, "<"))


ENCODERS: dict[str, Callable[[Any], Any]] = {
    "jpeg": _jpeg,
    "extended": lambda values: imagecodecs.jpeg8_encode(values, level=85, bitspersample=12),
    "lossless": lambda values: imagecodecs.jpeg8_encode(
        values, lossless=True, predictor=1, bitspersample=_bits(values)
    ),
    "jpeg-ls": lambda values: jpeg_ls.encode_array(values, lossy_error=0),
    "near-lossless": lambda values: jpeg_ls.encode_array(values, lossy_error=3),
    "jpeg-2000": lambda values: _jpeg_2000(values, None),
    "jpeg-2000-lossy": lambda values: _jpeg_2000(values, [10]),
    "htj2k": lambda values: imagecodecs.htj2k_encode(values, reversible=True),
    "rle": _rle,
    "uncompressed": lambda values: values.tobytes(),
}


def compressed(name: str, *, samples: int = 1, frames: int = 3, **options: Any) -> Dataset:
    bits = 8 if name == "jpeg" or samples == 3 else 12
    shown = [picture(43, 61, samples, bits=bits, seed=seed) for seed in range(frames)]
    photometric = {
        ("jpeg", 3): "YBR_FULL_422",
        ("jpeg-2000", 3): "YBR_RCT",
    }.get((name, samples), "RGB" if samples == 3 else "MONOCHROME2")
    of = layout(43, 61, photometric, stored=bits, frames=frames)
    dataset = making.image()
    for element in described(of):
        dataset[element.tag] = element
    del dataset.PixelData
    dataset.SOPClassUID, dataset.SOPInstanceUID = making.CT, making.ROOT + "4.1.1"
    return with_frames(dataset, [bytes(ENCODERS[name](each)) for each in shown], **options)


AREAS = {0: [Area(9, 7, 30, 16)], 2: [Area(0, 30, 25, 43), Area(20, 2, 31, 9)]}


@pytest.mark.parametrize(
    ("name", "samples"),
    [*((name, 1) for name in SYNTAX), *((name, 3) for name in ("jpeg", "rle", "jpeg-ls", "jpeg-2000", "uncompressed"))],
)
def test_what_the_product_blackens_passes_in_every_syntax(
    name: str, samples: int, tmp_path: Path, worker: FrameWorker
) -> None:
    case = Case(tmp_path, compressed(name, samples=samples), SYNTAX[name])
    made, told = blackened(tmp_path, AREAS, worker)
    found = case.findings(made, document(*told, frames=3))
    assert messages([each for each in found if each[0] != "frame-text"]) == []


class TestEncapsulated:
    @pytest.mark.parametrize("name", ["rle", "jpeg-ls", "lossless", "jpeg"])
    def test_what_was_not_said_is_found(self, name: str, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed(name), SYNTAX[name])
        made, told = blackened(tmp_path, AREAS, worker)
        assert messages(case.findings(made, document(*told[:-1], frames=3))) == [OUTSIDE]
        assert messages(case.findings(made, document(*told[1:], frames=3))) == [UNTOUCHED]
        wrong = [told[0] | {"frames": [[2, 2]]}, *told[1:]]
        assert messages(case.findings(made, document(*wrong, frames=3))) == [UNTOUCHED]

    def test_blocks_of_jpeg_are_the_most_that_may_differ(self, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("jpeg", samples=3), SYNTAX["jpeg"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        (entry,) = told
        assert case.findings(made, document(entry, frames=3)) == []
        wide = entry | {"touched": [0, 0, 61, 43]}
        assert messages(case.findings(made, document(wide, frames=3))) == [
            "More may differ than the blocks that hold what was to be blackened."
        ]

    def test_another_frame_in_place_of_one(self, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("rle"), SYNTAX["rle"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        frames = list(generate_frames(made.PixelData, number_of_frames=3))
        making.encapsulated(made, frames[0], frames[2], frames[1])
        assert messages(case.findings(made, document(*told, frames=3))) == [UNTOUCHED]

    def test_one_frame_less(self, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("rle"), SYNTAX["rle"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        frames = list(generate_frames(made.PixelData, number_of_frames=3))
        making.encapsulated(made, *frames[:2])
        assert messages(case.findings(made, document(*told, frames=3))) == [
            "There are not as many frames as the header says."
        ]

    def test_a_frame_that_cannot_be_decoded(self, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("jpeg-ls"), SYNTAX["jpeg-ls"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        frames = list(generate_frames(made.PixelData, number_of_frames=3))
        making.encapsulated(made, frames[0][:40], *frames[1:])
        assert messages(case.findings(made, document(*told, frames=3))) == [
            "A frame that is not the same as that of the input cannot be decoded to compare it."
        ]

    def test_frames_without_regions_may_be_coded_anew(self, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("jpeg-ls"), SYNTAX["jpeg-ls"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        frames = list(generate_frames(made.PixelData, number_of_frames=3))
        making.encapsulated(made, frames[0], frames[1] + b"\0\0", frames[2])
        assert messages(case.findings(made, document(*told, frames=3))) == []

    @pytest.mark.parametrize("extended", [False, True])
    def test_offset_tables_lead_to_the_frames(self, extended: bool, tmp_path: Path, worker: FrameWorker) -> None:
        case = Case(tmp_path, compressed("rle", extended=extended), SYNTAX["rle"])
        made, told = blackened(tmp_path, AREAS, worker)
        evidence = document(*told, frames=3)
        assert messages(case.findings(made, evidence)) == []
        made, told = blackened(tmp_path, AREAS, worker)
        if extended:
            made.ExtendedOffsetTable = case.original().ExtendedOffsetTable
        else:
            table = case.original().PixelData[:20]
            made.PixelData = table + made.PixelData[20:]
        assert messages(case.findings(made, evidence)) == ["An offset table does not lead to the frames."]

    def test_fragments_of_other_frames_stay(self, tmp_path: Path, worker: FrameWorker) -> None:
        source = compressed("jpeg-ls")
        frames = list(generate_frames(source.PixelData, number_of_frames=3))
        source.PixelData = encapsulate(frames, fragments_per_frame=3)
        case = Case(tmp_path, source, SYNTAX["jpeg-ls"])
        made, told = blackened(tmp_path, {0: [Area(9, 7, 20, 14)]}, worker)
        assert messages(case.findings(made, document(*told, frames=3))) == []

    def test_another_transfer_syntax(self, tmp_path: Path) -> None:
        case = Case(tmp_path, compressed("rle"), SYNTAX["rle"])
        found = case.findings(
            compressed("jpeg-ls"), document(region(Area(5, 3, 12, 9)), frames=3), syntax=SYNTAX["jpeg-ls"]
        )
        assert messages(found) == ["Pixels were blackened, and are stored in another transfer syntax."]


@pytest.mark.parametrize(
    "name",
    [
        "JPEG-lossy.dcm",
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "SC_rgb_rle_16bit_2frame.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "liver_1frame.dcm",
        "SC_rgb_small_odd.dcm",
    ],
)
def test_public_files_that_the_product_blackens_pass(name: str, tmp_path: Path, worker: FrameWorker) -> None:
    dataset = dcmread(str(get_testdata_file(name)))
    save_plain(dataset, tmp_path / "in.dcm")
    frames = int(dataset.get("NumberOfFrames") or 1)
    area = Area(dataset.Columns // 3, 1, dataset.Columns // 3 + max(2, dataset.Columns // 5), max(2, dataset.Rows // 2))
    made, told = blackened(tmp_path, {0: [area]}, worker)
    case = Case(tmp_path, dcmread(tmp_path / "in.dcm"), str(dataset.file_meta.TransferSyntaxUID))
    found = case.findings(made, document(*told, frames=frames))
    assert [message for check, _where, message in found if check in ("redaction", "pixels-equal")] == []
    assert "pixels-equal" in {check for check, *_rest in case.findings(made, document(frames=frames))}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_public_file_that_the_product_blackens_passes(tmp_path: Path, worker: FrameWorker, shared: Path) -> None:
    data_store = pytest.importorskip("data_store")
    here = Path(str(get_testdata_file("CT_small.dcm"))).parent
    faults: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for folder in (here, Path(data_store.__path__[0]), shared / "samples"):
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            syntax, fault = proven(path, tmp_path / "out.dcm", worker)
            seen[syntax] += 1
            if fault:
                faults[path.name] = fault
    assert faults == {}
    del seen[""]
    assert len(seen) == 12
    assert sum(seen.values()) > 250


def proven(path: Path, target: Path, worker: FrameWorker) -> tuple[str, str]:
    """Blacken a region in every other frame; return the transfer syntax, and what the sceptic has against it."""
    reader = Reader()
    try:
        with FileBytes(path) as file:
            shape = shape_of(reader.read(file))
        if shape is None:
            return "", ""
        area = Area(shape.columns // 3, shape.rows // 4, shape.columns // 3 + 3, shape.rows // 4 + 2)
        wanted = Area(area.left, area.top, min(area.right, shape.columns), min(area.bottom, shape.rows))
        done = redacted(path, target, worker, {number: [wanted] for number in range(0, shape.frames, 2)})
    except WorkbenchError:
        return "", ""  # the product refuses it, and nothing comes out
    with FileBytes(path) as one, FileBytes(target) as two:
        try:
            before = StoredFrames(reader.read(one), shape)
            after = StoredFrames(reader.read(two), shape)
        except WorkbenchError:
            return "", ""  # converted on the way in, so that what was written here lacks its header
        for number in range(shape.frames):
            regions = [
                Blackened(((number + 1, number + 1),), Box(*wanted), Box(*each.black), Box(*each.touched))
                for each in done.frames.get(number, ())
            ]
            fault = frame_fault(before, after, number, regions, Palette(before.reading, shape))
            if fault:
                return before.reading.syntax, f"{before.reading.syntax} frame {number + 1}: {fault}"
        return before.reading.syntax, ""
