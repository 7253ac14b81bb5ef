"""The sceptic believes no evidence of cleaned pixels that the pixels do not bear out."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.verify import making
from tests.verify.redacting import Case, content, document, examine, grey, kept, messages, noise, region
from workbench.pixels.layout import Area

AREA = Area(5, 3, 12, 9)
OUTSIDE = "Pixels outside of the blackened regions differ from those of the input."
UNTOUCHED = "A frame without blackened regions differs from that of the input."
SEVERAL = "A region that is said to be black holds more than one value."
COLOUR = "A region that is said to be black is of another colour."
MORE = "More may differ than was to be blackened."


@pytest.fixture
def single(tmp_path: Path) -> Case:
    return Case(tmp_path, grey(noise(20, 30)))


@pytest.fixture
def loop(tmp_path: Path) -> Case:
    return Case(tmp_path, grey(noise(6, 20, 30)))


class TestHonest:
    def test_a_blackened_region_with_its_evidence_passes(self, single: Case) -> None:
        evidence = document(region(AREA), kept=[kept(Area(0, 0, 3, 3)), kept(AREA)])
        assert single.findings(single.painted(AREA), evidence) == []

    def test_nothing_to_blacken_passes_too(self, single: Case) -> None:
        assert single.findings(single.original(), document()) == []

    def test_pixels_are_then_not_called_those_of_the_input(self, single: Case) -> None:
        assert single.findings(single.painted(AREA), document(region(AREA))) == []
        assert examine(single.source, single.folder / "out.dcm", document(region(AREA))).pixels_equal is False

    def test_regions_in_some_frames(self, loop: Case) -> None:
        evidence = document(region(AREA, frames=[[2, 3], [6, 6]]), frames=6)
        assert loop.findings(loop.painted(AREA, frames=[1, 2, 5]), evidence) == []

    def test_a_region_that_was_black_before(self, tmp_path: Path) -> None:
        values = noise(20, 30)
        values[3:9, 5:12] = 0
        case = Case(tmp_path, grey(values))
        assert case.findings(case.original(), document(region(AREA))) == []

    def test_regions_that_share_pixels(self, single: Case) -> None:
        other = Area(10, 5, 20, 12)
        assert single.findings(single.painted(AREA, other), document(region(AREA), region(other))) == []

    @pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
    def test_in_every_order_of_bytes(self, syntax: str, tmp_path: Path) -> None:
        values = noise(2, 19, 31)
        source, output = grey(values), grey(values)
        if syntax == ExplicitVRBigEndian:
            source.PixelData = np.frombuffer(source.PixelData, "<u2").byteswap().tobytes()
        case = Case(tmp_path, source, syntax)
        values[1, 3:9, 5:12] = 0
        output.PixelData = values.astype("<u2").tobytes()
        evidence = document(region(AREA, frames=[[2, 2]]), frames=2)
        assert case.findings(output, evidence, syntax=ExplicitVRLittleEndian) == []


class TestPixels:
    def test_one_pixel_outside(self, single: Case) -> None:
        made = single.painted(AREA, Area(20, 15, 21, 16))
        assert messages(single.findings(made, document(region(AREA)))) == [OUTSIDE]

    @pytest.mark.parametrize("pixel", [(4, 3), (12, 3), (5, 2), (5, 9)])
    def test_one_pixel_beside_the_region(self, pixel: tuple[int, int], single: Case) -> None:
        x, y = pixel
        made = single.painted(AREA, Area(x, y, x + 1, y + 1))
        assert messages(single.findings(made, document(region(AREA)))) == [OUTSIDE]

    def test_a_region_of_two_values(self, single: Case) -> None:
        made = single.painted(AREA)
        pixels = np.frombuffer(made.PixelData, "<u2").copy().reshape(20, 30)
        pixels[5, 6] = 1
        made.PixelData = pixels.tobytes()
        assert messages(single.findings(made, document(region(AREA)))) == [SEVERAL]

    def test_a_region_that_still_shows_what_it_showed(self, single: Case) -> None:
        assert messages(single.findings(single.original(), document(region(AREA)))) == [SEVERAL]

    def test_a_letter_in_the_bits_above_those_stored(self, single: Case) -> None:
        made = single.painted(AREA)
        pixels = np.frombuffer(made.PixelData, "<u2").copy().reshape(20, 30)
        pixels[5, 6] |= 0x8000
        made.PixelData = pixels.tobytes()
        assert messages(single.findings(made, document(region(AREA)))) == [SEVERAL]

    def test_the_other_frame_was_blackened(self, loop: Case) -> None:
        evidence = document(region(AREA, frames=[[2, 2]]), frames=6)
        assert messages(loop.findings(loop.painted(AREA, frames=[2]), evidence)) == [SEVERAL]
        assert messages(loop.findings(loop.painted(AREA, frames=[1, 4]), evidence)) == [UNTOUCHED]

    def test_the_frame_is_named(self, loop: Case) -> None:
        evidence = document(region(AREA, frames=[[2, 2]]), frames=6)
        assert [where for _check, where, _message in loop.findings(loop.painted(AREA, frames=[1, 4]), evidence)] == [
            "(7FE0,0010) frame 5"
        ]

    def test_frames_that_changed_places(self, loop: Case) -> None:
        made = loop.painted(AREA, frames=[0])
        pixels = np.frombuffer(made.PixelData, "<u2").copy().reshape(6, 20, 30)
        made.PixelData = pixels[[0, 1, 3, 2, 4, 5]].tobytes()
        assert messages(loop.findings(made, document(region(AREA), frames=6))) == [UNTOUCHED]

    def test_less_than_was_asked(self, single: Case) -> None:
        smaller = Area(5, 3, 11, 9)
        evidence = document(region(AREA, smaller, smaller))
        assert messages(single.findings(single.painted(smaller), evidence)) == [
            "A region that was to be blackened is not wholly said to be black."
        ]

    def test_more_than_was_asked(self, single: Case) -> None:
        larger = Area(5, 3, 13, 9)
        assert messages(single.findings(single.painted(larger), document(region(AREA, larger)))) == [MORE]
        assert messages(single.findings(single.painted(AREA), document(region(AREA, AREA, larger)))) == [MORE]

    def test_black_beyond_what_may_differ(self, single: Case) -> None:
        evidence = document(region(AREA, Area(5, 3, 13, 9), AREA))
        assert messages(single.findings(single.painted(AREA), evidence)) == [
            "What is black is not within what may differ."
        ]

    @pytest.mark.parametrize("area", [Area(25, 3, 31, 9), Area(30, 3, 33, 9), Area(5, 18, 9, 21)])
    def test_a_region_outside_of_the_image(self, area: Area, single: Case) -> None:
        assert messages(single.findings(single.original(), document(region(area)))) == [
            "A blackened region does not lie in the image."
        ]

    def test_other_rows_and_columns(self, single: Case) -> None:
        made = single.painted(AREA)
        made.Rows, made.Columns = 30, 20
        found = single.findings(made, document(region(AREA)))
        assert ("redaction", "(7FE0,0010)", "The image is not described, or not as that of the input.") in found

    def test_frames_that_nobody_counted(self, loop: Case) -> None:
        made = loop.painted(AREA)
        for dataset in (made,):
            dataset.PixelData = dataset.PixelData[:-1200]
        evidence = document(region(AREA, frames=[[1, 6]]), frames=6)
        assert messages(loop.findings(made, evidence)) == ["There are not as many frames as the header says."]

    def test_a_frame_behind_the_last(self, tmp_path: Path) -> None:
        source = grey(noise(3, 20, 30))
        source.NumberOfFrames = 2
        case = Case(tmp_path, source)
        found = messages(case.findings(case.original(), document(frames=2)))
        assert found == ["There are not as many frames as the header says."]


class TestBlack:
    """What is uniform may still be white."""

    @pytest.mark.parametrize(
        ("photometric", "signed", "value", "passes"),
        [
            ("MONOCHROME2", False, 0, True),
            ("MONOCHROME2", False, 7, True),  # nothing of the frame is darker
            ("MONOCHROME2", False, 8, False),
            ("MONOCHROME2", False, 4095, False),
            ("MONOCHROME1", False, 4095, True),
            ("MONOCHROME1", False, 3999, True),
            ("MONOCHROME1", False, 3998, False),
            ("MONOCHROME1", False, 0, False),
            ("MONOCHROME2", True, -500, True),
            ("MONOCHROME2", True, -499, False),
            ("MONOCHROME2", True, 0, False),
            ("MONOCHROME1", True, 1500, True),
            ("MONOCHROME1", True, -500, False),
        ],
    )
    def test_of_grey(self, photometric: str, signed: bool, value: int, passes: bool, tmp_path: Path) -> None:
        values = noise(20, 30, low=-499, high=1500) if signed else noise(20, 30, low=8, high=3999)
        values[0, 0], values[0, 1] = (-500, 1500) if signed else (7, 3999)
        case = Case(tmp_path, grey(values, photometric, signed=signed))
        made = case.painted(AREA, value=value & 0xFFFF)
        assert messages(case.findings(made, document(region(AREA)))) == ([] if passes else [COLOUR])

    def test_of_bits_that_are_shifted(self, tmp_path: Path) -> None:
        case = Case(tmp_path, grey(noise(20, 30) << 4, stored=12, high=15))
        assert messages(case.findings(case.painted(AREA), document(region(AREA)))) == []
        assert messages(case.findings(case.painted(AREA, value=0x8000), document(region(AREA)))) == [COLOUR]

    @pytest.mark.parametrize(
        ("photometric", "value", "passes"),
        [
            ("RGB", (0, 0, 0), True),
            ("RGB", (0, 0, 1), False),
            ("RGB", (255, 255, 255), False),
            ("YBR_FULL", (0, 128, 128), True),
            ("YBR_FULL", (0, 0, 0), False),
            ("YBR_FULL", (16, 128, 128), False),
        ],
    )
    @pytest.mark.parametrize("planar", [0, 1])
    def test_of_colours(
        self, photometric: str, value: tuple[int, ...], passes: bool, planar: int, tmp_path: Path
    ) -> None:
        pixels = noise(20, 30, 3, high=250).astype("u1")
        case = Case(tmp_path, colour(pixels, photometric, planar))
        painted = pixels.copy()
        painted[3:9, 5:12] = value
        made = case.original()
        made.PixelData = (np.moveaxis(painted, -1, 0) if planar else painted).tobytes()
        assert messages(case.findings(made, document(region(AREA)))) == ([] if passes else [COLOUR])

    @pytest.mark.parametrize(("index", "passes"), [(3, True), (9, True), (0, False), (4, False)])
    def test_of_a_palette(self, index: int, passes: bool, tmp_path: Path) -> None:
        source = palette()
        case = Case(tmp_path, source)
        made = case.painted(AREA, value=index)
        assert messages(case.findings(made, document(region(AREA)))) == ([] if passes else [COLOUR])

    def test_of_no_palette(self, tmp_path: Path) -> None:
        source = palette()
        del source.RedPaletteColorLookupTableData
        case = Case(tmp_path, source)
        assert COLOUR in [message for _c, _w, message in case.findings(case.painted(AREA), document(region(AREA)))]

    def test_of_a_photometric_interpretation_that_nobody_knows(self, tmp_path: Path) -> None:
        case = Case(tmp_path, grey(noise(20, 30), "MONOCHROME3"))
        assert messages(case.findings(case.painted(AREA), document(region(AREA)))) == [COLOUR]


def colour(pixels: Any, photometric: str, planar: int = 0) -> Dataset:
    dataset = making.image(PhotometricInterpretation=photometric)
    dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, planar
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = (np.moveaxis(pixels, -1, 0) if planar else pixels).tobytes()
    dataset["PixelData"].VR = "OB"
    return dataset


def palette() -> Dataset:
    """Sixteen entries, of which those with the indexes 3 and 9 are darkest, and none is black."""
    dataset = grey(noise(20, 30, low=0, high=16), "PALETTE COLOR", stored=8)
    light = np.full(16, 200)
    light[[3, 9]] = 20
    light[4] = 40
    for channel in ("Red", "Green", "Blue"):
        setattr(dataset, f"{channel}PaletteColorLookupTableDescriptor", [16, 0, 16])
        setattr(dataset, f"{channel}PaletteColorLookupTableData", (light * 257).astype("<u2").tobytes())
    return dataset


class TestClaims:
    """Document, digest, code and flag agree, or nothing is proven."""

    def test_changed_pixels_without_a_document(self, single: Case) -> None:
        checks = {check for check, _where, _message in single.findings(single.painted(AREA), None)}
        assert checks == {"pixels-equal", "redaction"}

    def test_a_claim_without_a_document(self, single: Case) -> None:
        assert messages(single.findings(single.original(), None)) == [
            "Clean pixels are claimed; the evidence that the output names was not given."
        ]

    def test_a_document_without_a_claim(self, single: Case) -> None:
        found = single.findings(
            single.painted(AREA),
            document(region(AREA)),
            change=lambda made: made.DeidentificationMethodCodeSequence.pop(),
        )
        assert {check for check, _where, _message in found} == {"evidence", "pixel-flags", "pixels-equal"}

    def test_another_document_than_is_named(self, single: Case) -> None:
        found = single.findings(
            single.painted(AREA),
            document(region(AREA)),
            change=lambda made: setattr(made, "DeidentificationMethod", f"113101 sha256 {'A' * 43}"),
        )
        assert {check for check, _where, _message in found} == {"evidence", "pixels-equal"}

    @pytest.mark.parametrize("flag", ["YES", "", None])
    def test_a_flag_that_does_not_say_no(self, flag: str | None, single: Case) -> None:
        def change(made: Dataset) -> None:
            if flag is None:
                del made.BurnedInAnnotation
            else:
                made.BurnedInAnnotation = flag

        found = single.findings(single.painted(AREA), document(region(AREA)), change=change)
        assert ("redaction", "(0028,0301)", "Clean pixels are claimed, and Burned In Annotation does not say NO.") in (
            found
        )

    def test_another_number_of_frames(self, loop: Case) -> None:
        for frames in (1, 5, 7):
            assert messages(loop.findings(loop.original(), document(frames=frames))) == [
                "The evidence speaks of another number of frames than the image has."
            ]

    def test_an_object_without_pixels(self, tmp_path: Path) -> None:
        source = making.image()
        source.SOPClassUID = making.SR
        for keyword in ("PixelData", "Rows", "Columns"):
            delattr(source, keyword)
        case = Case(tmp_path, source)
        assert "Clean pixels are claimed of an object that has none." in [
            message for _check, _where, message in case.findings(case.original(), document())
        ]

    def test_lossy_compression_that_is_no_longer_told(self, tmp_path: Path) -> None:
        source = grey(noise(20, 30))
        source.LossyImageCompression = "01"
        case = Case(tmp_path, source)
        assert messages(case.findings(case.painted(AREA), document(region(AREA)))) == []
        found = case.findings(
            case.painted(AREA),
            document(region(AREA)),
            change=lambda made: setattr(made, "LossyImageCompression", "00"),
        )
        assert ("redaction", "(0028,2110)") in {(check, where) for check, where, _message in found}

    def test_an_icon_that_was_forgotten(self, tmp_path: Path) -> None:
        source = grey(noise(20, 30))
        icon = making.item(Rows=2, Columns=2, BitsAllocated=8, PixelData=b"\1\2\3\4")
        source.IconImageSequence = [icon]
        case = Case(tmp_path, source)
        found = case.findings(
            case.painted(AREA),
            document(region(AREA)),
            change=lambda made: setattr(made, "IconImageSequence", [icon]),
        )
        assert ("redaction", "(0088,0200)") in {(check, where) for check, where, _message in found}


MALFORMED: list[tuple[str, Any]] = [
    ("no JSON", b"113101"),
    ("no text", b"\xff\xfe{}"),
    ("another value", b"7"),
    ("deep", b"[" * 100_000 + b"]" * 100_000),
    ("a number of many digits", b'{"frames":' + b"9" * 10_000 + b"}"),
    ("a key twice", document(region(AREA)).replace(b'{"code"', b'{"code":"113101","code"')),
    ("infinite", document(region(AREA, score=float("inf")))),
    ("another code", document(region(AREA), code="113105")),
    ("another format", document(region(AREA), format="deid-workbench evidence 9")),
    ("a key more", document(region(AREA), note="all is well")),
    ("not complete", document(region(AREA), complete=False)),
    ("complete by another type", document(region(AREA), complete=1)),
    ("only flagged", document(region(AREA), mode="flag")),
    ("no detector", document(region(AREA), detector="")),
    ("no frames", document(region(AREA), frames=0)),
    ("frames as text", document(region(AREA), frames="1")),
    ("frames as truth", document(region(AREA), frames=True)),
    ("no round", document(region(AREA), rounds=0)),
    ("regions as an object", content(region(AREA)) | {"regions": {}}),
    ("a frame that is not there", document(region(AREA, frames=[[1, 2]]))),
    ("frame 0", document(region(AREA, frames=[[0, 1]]))),
    ("frames out of order", document(region(AREA, frames=[[2, 2], [1, 1]]), frames=2)),
    ("no frame", document(region(AREA) | {"frames": []})),
    ("a list of frames", document(region(AREA) | {"frames": [1]})),
    ("kept and blackened", document(region(AREA, decision="keep"))),
    ("left although not harmless", document(kept=[kept(AREA, decision="review")])),
    ("no source", document(region(AREA, source="oracle"))),
    ("no reason", document(region(AREA, explanation=""))),
    ("a score above 1", document(region(AREA, score=1.5))),
    ("a score that is none", document(region(AREA, score=True))),
    ("an empty rectangle", document(region(AREA) | {"asked": [1, 1, 0, 5]})),
    ("a rectangle that begins outside", document(region(AREA) | {"asked": [-1, 1, 2, 5]})),
    ("a rectangle of three numbers", document(region(AREA) | {"black": [1, 1, 2]})),
    ("a rectangle of fractions", document(region(AREA) | {"touched": [1.5, 1, 2, 2]})),
    ("a huge rectangle", document(region(AREA) | {"touched": [0, 0, 10**9, 10**9]})),
    ("a region of nothing", document({})),
    ("an overlay of no group", document(overlays=[{"asked": [1, 1, 2, 2], "frames": [[1, 1]], "group": 0x5000}])),
]


@pytest.mark.parametrize("evidence", [each for _name, each in MALFORMED], ids=[name for name, _each in MALFORMED])
def test_what_is_no_such_document_proves_nothing(evidence: Any, single: Case) -> None:
    given = evidence if isinstance(evidence, bytes) else json.dumps(evidence).encode()
    found = single.findings(single.painted(AREA), given)
    assert {check for check, _where, _message in found} == {"redaction", "pixels-equal"}
    assert any(message.startswith("The evidence of clean pixels proves nothing.") for _c, _w, message in found)


class TestOverlays:
    def source(self, **more: Any) -> Dataset:
        dataset = grey(noise(20, 30))
        bits = np.random.default_rng(2).integers(0, 2, (20, 30)).astype("u1")
        dataset.add_new(0x60000010, "US", 20)
        dataset.add_new(0x60000011, "US", 30)
        dataset.add_new(0x60000040, "CS", "G")
        dataset.add_new(0x60000050, "SS", more.get("origin", [1, 1]))
        dataset.add_new(0x60000100, "US", 1)
        dataset.add_new(0x60000102, "US", 0)
        dataset.add_new(0x60003000, "OW", np.packbits(bits.ravel(), bitorder="little").tobytes() + b"\0")
        return dataset

    def findings(self, folder: Path, evidence: bytes, *, clear: Area | None, flip: bool = False, **more: Any) -> Any:
        source = self.source(**more)
        case = Case(folder, source)
        planes = np.unpackbits(np.frombuffer(source[0x60003000].value, "u1"), bitorder="little")
        bits = planes[:600].reshape(20, 30)
        if clear is not None:
            bits[clear.top : clear.bottom, clear.left : clear.right] = 0
        if flip:
            bits[19, 29] ^= 1

        def change(made: Dataset) -> None:
            for element in self.source(**more).group_dataset(0x6000):
                made[element.tag] = element
            made[0x60003000].value = np.packbits(planes, bitorder="little").tobytes()

        found = case.findings(case.original(), evidence, change=change)
        return [(where, message) for check, where, message in found if check == "redaction"]

    def test_cleared_where_it_is_said(self, tmp_path: Path) -> None:
        evidence = document(overlays=[{"asked": [5, 3, 7, 6], "frames": [[1, 1]], "group": 0x6000}])
        assert self.findings(tmp_path, evidence, clear=AREA) == []

    def test_its_origin_counts(self, tmp_path: Path) -> None:
        evidence = document(overlays=[{"asked": [9, 5, 7, 6], "frames": [[1, 1]], "group": 0x6000}])
        assert self.findings(tmp_path, evidence, clear=AREA, origin=[3, 5]) == []
        left = document(overlays=[{"asked": [-3, -2, 8, 5], "frames": [[1, 1]], "group": 0x6000}])
        assert self.findings(tmp_path, left, clear=Area(1, 0, 9, 3), origin=[1, -3]) == []
        assert self.findings(tmp_path, left, clear=Area(1, 0, 9, 3), origin=[0, -3]) != []
        assert self.findings(tmp_path, left, clear=Area(0, 0, 8, 4), origin=[0, -2]) == []

    def test_changed_without_being_said(self, tmp_path: Path) -> None:
        assert self.findings(tmp_path, document(), clear=AREA) == [
            ("(6000,3000)", "An overlay differs from that of the input.")
        ]

    def test_not_cleared_or_changed_elsewhere(self, tmp_path: Path) -> None:
        evidence = document(overlays=[{"asked": [5, 3, 7, 6], "frames": [[1, 1]], "group": 0x6000}])
        assert self.findings(tmp_path, evidence, clear=Area(5, 3, 11, 9)) == [
            ("(6000,3000)", "An overlay still has bits where they are said to be cleared.")
        ]
        assert self.findings(tmp_path, evidence, clear=AREA, flip=True) == [
            ("(6000,3000)", "An overlay differs from that of the input outside of what was cleared.")
        ]

    def test_one_that_is_gone_shows_nothing(self, tmp_path: Path) -> None:
        case = Case(tmp_path, self.source())
        evidence = document(overlays=[{"asked": [5, 3, 7, 6], "frames": [[1, 1]], "group": 0x6000}])
        assert case.findings(case.original(), evidence) == []
