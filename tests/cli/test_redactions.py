"""How the command line tells what became of pixels: the same facts as the page, and never more than was seen."""

import json
from typing import Any

from workbench.cli.output import Output
from workbench.cli.redactions import show_pixels
from workbench.flow.shown_pixels import PixelArea, SeriesPixels


def shown(capsys, *series):
    version: Any = series
    show_pixels(Output(), version)
    return " ".join(capsys.readouterr().out.split())


def test_each_area_is_told_with_its_reason(capsys):
    area = PixelArea("blackened", 0, 8, 264, 24, "text", "agrees with the patient in the header", 24, 3)
    kept = PixelArea("kept", 5, 90, 40, 12, "text", "a mark", 24, 3)
    text = shown(capsys, SeriesPixels(0, 3, 3, 72, 3, (area, kept), more=2, to_review=(("a Secondary Capture", 3),)))
    assert "1 blackened 0, 8, 264, 24 24 3 text agrees with the patient in the header" in text
    assert "kept, harmless 5, 90, 40, 12" in text
    assert "Series 1: 2 more areas are not listed." in text
    assert "Series 1: look at the whole image in 3: a Secondary Capture" in text
    assert "not checked" not in text


def test_what_nobody_saw_is_told(capsys):
    text = shown(capsys, SeriesPixels(1, 3, 1, 9, 0, not_checked=(("A frame is damaged.", 2),)))
    assert "Series 2: pixels not checked in 2 of 3 images." in text
    assert "Series 2: not checked in 2: A frame is damaged." in text


def test_the_document_of_a_version_has_the_same_facts(capsys):
    one = SeriesPixels(0, 1, 1, 24, 1, (PixelArea("kept", 1, 2, 3, 4, "text", "a mark", 24, 1),))
    Output(as_json=True).document({"pixel_series": (one,)})
    (told,) = json.loads(capsys.readouterr().out)["pixel_series"]
    assert (told["checked"], told["areas"][0]["became"], told["areas"][0]["why"]) == (1, "kept", "a mark")
