"""The section on pixels: what was blackened and why, what stays, and that nobody looked, which is not called clean."""

from base64 import b64encode
from dataclasses import replace

import pytest

from tests.app.fakes import HOSTILE
from workbench.app.views.pixels import BECAME, SOURCES
from workbench.flow import pixel_rows
from workbench.flow.shown_pixels import PixelArea, SeriesPixels
from workbench.records.region import RegionSource

BLACK = PixelArea("blackened", 0, 8, 261, 24, "text", "agrees with the patient in the header, 100 of 100", 24, 1)
KEPT = PixelArea("kept", 27, 453, 115, 22, "text", "a mark of the examination that identifies nobody", 24, 2)
SEEN = SeriesPixels(
    series=0, images=2, checked=2, frames=48, changed=1, areas=(BLACK, KEPT), to_review=(("a Secondary Capture", 1),)
)


@pytest.fixture
def pixels(visit, desk):
    """Show the section of a version with these facts."""

    def shown(asked, *series, who="petra"):
        view = desk.views["WB-000001"]
        version = replace(view.preparation, pixels_asked=asked, pixel_series=series)
        desk.views["WB-000001"] = replace(view, preparation=version, notices=())
        screen = visit(who, "study", study="WB-000001")
        screen.test.button_group(key="section-WB-000001").set_value("pixels")
        return screen.run()

    return shown


def test_it_says_what_was_blackened_where_by_what_and_why_and_what_stays(pixels):
    text = pixels("clean", SEEN).text
    for said in (
        "2 images, 48 frames looked at",
        "Checked",
        "Blackened 261 by 24 pixels column 0, row 8 24 1",
        "Agrees with the patient in the header, 100 of 100.",
        "Text was found there",
        "Kept 115 by 22 pixels",
        "A mark of the examination that identifies nobody.",
        "Look at the whole image: a Secondary Capture (1 image).",
        "Pixels of 2 images checked for text: 1 area blackened in 1 image.",
    ):
        assert said in text


def test_a_frame_of_the_output_is_shown_with_what_its_outlines_mean(pixels):
    screen = pixels("clean", SEEN)
    assert f"data:image/png;base64,{b64encode(b'PNG of an output').decode()}" in screen.markup
    assert "Image 1 of 2, frame 1 of 24. Outlined in amber: 1 blackened area." in screen.text


def test_when_there_is_no_picture_the_page_says_why_and_goes_on(pixels, desk):
    desk.no_picture = True
    text = pixels("clean", SEEN).text
    assert "No picture. No output of this series can be shown." in text
    assert "261 by 24 pixels" in text


@pytest.mark.parametrize("asked", ["", "off"])
def test_what_nobody_looked_at_is_never_called_checked(pixels, asked):
    unseen = SeriesPixels(0, images=2, checked=0, frames=0, changed=0)
    screen = pixels(asked, unseen)
    assert "Pixels were not checked" in screen.text
    assert "wb-chip wb-green" not in screen.markup.partition("Pixels were not checked")[2].partition("wb-checks")[0]
    for word in ("checked for text", "looked at", "No text, no bar code"):
        assert word not in screen.text


def test_a_series_that_was_seen_in_part_says_so(pixels):
    part = replace(SEEN, checked=1, areas=(), not_checked=(("The frame does not decode.", 1),))
    text = pixels("clean", part).text
    assert "Not checked: 1 of 2" in text
    assert "Not checked: The frame does not decode. (1 image)" in text
    assert "checked for text" not in text


def test_nothing_found_and_no_pixels_at_all_are_two_things(pixels):
    assert "No text, no bar code and no QR code was found." in pixels("clean", replace(SEEN, areas=(), changed=0)).text
    assert "No pixels" in pixels("clean", SeriesPixels(0, 0, 0, 0, 0)).text


def test_reasons_stay_text(pixels):
    screen = pixels("clean", replace(SEEN, areas=(replace(BLACK, why=HOSTILE),), more=3))
    assert "<img src=x" not in screen.markup
    assert "3 more areas are not listed." in screen.text


def test_there_is_a_word_for_everything_that_can_become_of_an_area():
    assert set(BECAME) == {pixel_rows.BLACKENED, pixel_rows.CLEARED, pixel_rows.KEPT, pixel_rows.LEFT}
    assert set(SOURCES) == set(RegionSource)
