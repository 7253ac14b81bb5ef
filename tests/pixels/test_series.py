import os

import numpy as np
import pytest

from tests.pixels.drawing import tissue, write
from tests.pixels.images import described, layout
from workbench.deid.known_values import known_values
from workbench.flow.detecting import detect
from workbench.pixels.examining import Examined
from workbench.pixels.looking import Looker
from workbench.pixels.series import LEAST
from workbench.records.region import RegionSource

CT = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
COUNT = 40


def ct_slice(number, *, text="", ink=255, **attributes):
    ground = tissue(120, 160 + COUNT)[:, number : number + 160] * 4
    if text:
        write(ground, text, (20, 40), ink * 4)
    data_set = described(layout(120, 160, stored=16))
    data_set.SOPClassUID = CT
    data_set.SeriesInstanceUID = "2.25.7"
    data_set.InstanceNumber = number
    data_set.PatientName = "DOE^JANE"
    data_set.PixelData = ground.astype("<u2").tobytes()
    for keyword, value in attributes.items():
        setattr(data_set, keyword, value)
    return data_set


def save(folder, slices):
    folder.mkdir(exist_ok=True)
    for number, data_set in enumerate(slices):
        # names in another order than the slices: their own numbers count
        data_set.save_as(folder / f"{(number * 7) % len(slices):03d}.dcm", enforce_file_format=True)
    return folder


@pytest.fixture(scope="module")
def looker():
    looker = Looker(known_values, profile="fast")
    yield looker
    looker.close()


@pytest.mark.parametrize("ink", [255, 0])
def test_text_of_one_slice_is_found_there_and_nowhere_else(tmp_path, ink):
    slices = [ct_slice(number, text="DOE, JANE" if number == 21 else "", ink=ink) for number in range(COUNT)]
    found = detect([save(tmp_path / "in", slices)], profile="fast")
    named = [name for name, examined in found.files for region in examined.regions if "JANE" in region.text]
    assert named == [f"{(21 * 7) % COUNT:03d}.dcm"]
    assert found.frames == COUNT
    assert found.exit_code == 0


def test_faint_text_outside_the_window_of_one_slice_is_found(looker, tmp_path):
    rows, columns = np.mgrid[:160, :160]
    reach = ((columns - 80) / 55) ** 2 + ((rows - 90) / 58) ** 2
    rng = np.random.default_rng(7)
    slices = []
    for number in range(20):
        ground = np.select([reach < 0.85, reach < 1], [1064, 1724], 24) + rng.normal(0, 12, (160, 160))
        if number == 9:
            cover = np.zeros((160, 160), np.float32)
            write(cover, "MEYER HANNEL", (5, 5), 1, em=11)
            ground += cover * 66
        data_set = ct_slice(number, WindowCenter=1064, WindowWidth=400)
        data_set.Rows = data_set.Columns = 160
        data_set.PixelData = ground.clip(0, 4095).astype("<u2").tobytes()
        slices.append(data_set)
    folder = save(tmp_path / "in", slices)
    found = looker.look_together([folder / f"{number * 7 % 20:03d}.dcm" for number in range(20)])
    assert any("MEYER" in region.text for region in found[9].regions)


def test_text_of_all_slices_is_a_region_of_each(tmp_path):
    slices = [ct_slice(number, text="DOE, JANE") for number in range(COUNT)]
    found = detect([save(tmp_path / "in", slices)], profile="fast")
    assert all([region.text for region in examined.regions] == ["DOE, JANE"] for _, examined in found.files)
    assert {region.frames for _, examined in found.files for region in examined.regions} == {(1,)}


def test_a_slice_that_can_not_be_decoded_is_told_and_the_others_are_looked_at(tmp_path):
    slices = [ct_slice(number, text="DOE, JANE") for number in range(LEAST)]
    slices[5].PixelData = slices[5].PixelData[:-10]
    found = detect([save(tmp_path / "in", slices)], profile="fast")
    missing = {name: [each.code for each in examined.not_checked] for name, examined in found.files}
    assert {name for name, codes in missing.items() if codes} == {f"{(5 * 7) % LEAST:03d}.dcm"}
    assert found.frames == LEAST - 1
    assert found.exit_code == 1


@pytest.mark.parametrize(
    ("attributes", "together"),
    [
        ({}, True),
        ({"InstanceNumber": None}, True),
        ({"BurnedInAnnotation": "YES"}, False),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, False),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, False),
        ({"NumberOfFrames": 2}, False),
        ({"SeriesInstanceUID": None}, False),
    ],
)
def test_only_plain_slices_are_looked_at_together(looker, tmp_path, attributes, together):
    path = tmp_path / "a.dcm"
    ct_slice(1, **attributes).save_as(path, enforce_file_format=True)
    assert bool(looker.place(path).together) == together


@pytest.mark.parametrize("other", [{"SeriesInstanceUID": "2.25.8"}, {"Rows": 60, "Columns": 320}, {"BitsStored": 12}])
def test_another_series_or_geometry_is_another_place(looker, tmp_path, other):
    places = []
    for name, attributes in (("a", {}), ("b", {"InstanceNumber": 2}), ("c", other)):
        ct_slice(1, **attributes).save_as(tmp_path / name, enforce_file_format=True)
        places.append(looker.place(tmp_path / name))
    assert places[0].together == places[1].together != places[2].together
    assert (places[0].number, places[1].number) == (1, 2)


def test_what_a_projection_shows_and_no_slice_does_stays_a_region(looker, tmp_path, monkeypatch):
    paths = []
    for number in range(LEAST):
        paths.append(tmp_path / f"{number}.dcm")
        ct_slice(number, text="DOE, JANE" if number == 3 else "").save_as(paths[-1], enforce_file_format=True)
    monkeypatch.setattr(Looker, "_slice_alone", lambda *_: Examined((), (), 1))
    found = looker.look_together(paths)
    assert all(any("JANE" in region.text for region in examined.regions) for examined in found[:8])
    assert np.sum([len(examined.regions) for examined in found[8:]]) == 0


def test_a_line_that_changes_is_a_region_of_the_image_in_which_it_was_missed(tmp_path):
    clocks = ["10:04:11", "10:04:19", "", "10:04:27"]
    slices = [ct_slice(number, text=clock, SOPClassUID=SECONDARY) for number, clock in enumerate(clocks)]
    found = dict(detect([save(tmp_path / "in", slices)], profile="fast").files)
    proposed = found[f"{2 * 7 % len(slices):03d}.dcm"].regions
    assert [region.source for region in proposed] == [RegionSource.SERIES]
    slices[2].ManufacturerModelName = "Another"
    others = detect([save(tmp_path / "other", slices)], profile="fast")
    assert all(region.source is not RegionSource.SERIES for _, each in others.files for region in each.regions)


def test_slices_that_a_process_did_not_survive_together_are_looked_at_one_by_one(tmp_path, monkeypatch):
    def die(*_):
        os._exit(1)

    monkeypatch.setattr(Looker, "look_together", die)
    slices = [ct_slice(number, text="DOE, JANE") for number in range(LEAST)]
    found = detect([save(tmp_path / "in", slices)], profile="fast")
    assert [len(examined.regions) for _, examined in found.files] == [1] * LEAST
    assert found.exit_code == 0
