import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from tests.pixels.drawing import tissue, write
from tests.pixels.images import described, layout
from workbench.deid.known_values import known_values
from workbench.pixels.looking import Looker
from workbench.records.region import RegionDecision, RegionSource


@pytest.fixture(scope="module")
def looker():
    looker = Looker(known_values, profile="fast")
    yield looker
    looker.close()


def image(samples, **attributes) -> Dataset:
    frames = samples[None] if samples.ndim == 2 else samples
    data_set = described(layout(*frames.shape[1:], frames=len(frames)))
    data_set.NumberOfFrames = len(frames)
    data_set.PatientName = "DOE^JANE"
    data_set.PixelData = frames.astype(np.uint8).tobytes()
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    return data_set


def with_overlay(data_set, *, origin=(1, 1), size=(120, 200), text="DOE, JANE", frames=1, first=1, cut=0):
    planes = np.zeros((frames, *size), np.uint8)
    for plane in planes:
        write(plane, text, (20, 30), 1, em=20)
    data = np.packbits((planes > 0).reshape(-1), bitorder="little").tobytes()
    for tag, vr, value in (
        (0x60020010, "US", size[0]),
        (0x60020011, "US", size[1]),
        (0x60020015, "IS", frames),
        (0x60020040, "CS", "G"),
        (0x60020050, "SS", list(origin)),
        (0x60020051, "US", first),
        (0x60020100, "US", 1),
        (0x60020102, "US", 0),
        (0x60023000, "OB", (data + b"\0" * (len(data) % 2))[: len(data) - cut]),
    ):
        data_set.add_new(tag, vr, value)
    return data_set


def looked(looker, data_set, tmp_path, **more):
    path = tmp_path / "a.dcm"
    data_set.save_as(path, enforce_file_format=True)
    return looker.look(path, **more)


def test_text_of_an_overlay_plane_is_found_where_it_lies_over_the_image(looker, tmp_path):
    found = looked(looker, with_overlay(image(tissue(240, 320)), origin=(51, 41)), tmp_path)
    (region,) = found.regions
    assert region.source is RegionSource.OVERLAY
    assert region.decision is RegionDecision.REDACT
    assert "the patient" in region.explanation
    assert region.frames == (1,)
    assert region.x <= 20 + 40
    assert region.y <= 30 + 50
    assert region.y + region.height > 30 + 50 + 10
    assert found.not_checked == ()
    assert found.frames == 1


def test_an_overlay_lies_over_all_frames_unless_it_has_frames_itself(looker, tmp_path):
    frames = np.stack([tissue(120, 200, seed=each) for each in range(3)])
    (region,) = looked(looker, with_overlay(image(frames)), tmp_path).regions
    assert region.frames == (1, 2, 3)
    (region,) = looked(looker, with_overlay(image(frames), frames=2, first=2), tmp_path).regions
    assert region.frames == (2, 3)


def in_the_pixels(data_set):
    del data_set[0x60023000]
    data_set[0x60020100].value = 16


@pytest.mark.parametrize(
    ("change", "code"),
    [(in_the_pixels, "overlay-in-pixels"), (lambda data_set: with_overlay(data_set, cut=200), "overlay-size")],
)
def test_an_overlay_that_can_not_be_looked_at_is_told_and_the_pixels_are_looked_at(looker, tmp_path, change, code):
    samples = tissue(240, 320)
    write(samples, "DOE, JANE", (40, 60), 255)
    data_set = with_overlay(image(samples))
    change(data_set)
    found = looked(looker, data_set, tmp_path)
    assert [missing.code for missing in found.not_checked] == [code]
    assert [region.text for region in found.regions] == ["DOE, JANE"]


def test_documents_floats_and_damage_are_never_clean(looker, tmp_path):
    document = image(tissue(8, 8))
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(document, keyword)
    assert looked(looker, document, tmp_path).not_checked == ()  # nothing to be seen in it
    document.EncapsulatedDocument = b"%PDF"
    assert [each.code for each in looked(looker, document, tmp_path).not_checked] == ["document-not-looked-at"]
    floats = image(tissue(8, 8))
    del floats.PixelData
    floats.FloatPixelData = bytes(256)
    assert [each.code for each in looked(looker, floats, tmp_path).not_checked] == ["pixels-float"]
    (tmp_path / "b.dcm").write_bytes(b"no image")
    assert [each.code for each in looker.look(tmp_path / "b.dcm").not_checked] == ["not-dicom"]


def test_a_picture_shows_the_regions(looker, tmp_path):
    samples = np.zeros((60, 200))
    write(samples, "DOE, JANE", (20, 20), 255)
    found = looked(looker, image(samples), tmp_path, picture=tmp_path / "a.png")
    (region,) = found.regions
    shown = np.asarray(Image.open(tmp_path / "a.png"))
    assert tuple(shown[region.y, region.x]) == (255, 64, 64)
