"""What became of the pixels of a version: per series what was blackened and why, what stays, what nobody looked at."""

from base64 import b64encode

import streamlit as st

from workbench.app import parts
from workbench.app.html import Markup, chip, tag
from workbench.app.room import Room
from workbench.app.words import count
from workbench.flow.shown import PreparationView
from workbench.flow.shown_pixels import PixelArea, SeriesPixels
from workbench.records.errors import WorkbenchError
from workbench.records.region import RegionSource

BECAME: dict[str, tuple[str, str]] = {
    "blackened": ("Blackened", "orange"),
    "cleared": ("Cleared", "orange"),
    "left": ("Left", "red"),
    "kept": ("Kept", "green"),
}
"""Word and tone by what became of an area."""

SOURCES: dict[str, str] = {
    RegionSource.TEXT: "Text was found there",
    RegionSource.CODE: "A bar code or QR code",
    RegionSource.DEVICE: "A rule for this device",
    RegionSource.ULTRASOUND: "Outside of the ultrasound regions",
    RegionSource.OVERLAY: "An overlay plane",
    RegionSource.LEAD_IN: "A kind of image that often shows identity",
    RegionSource.SERIES: "Other images of the series show text there",
    RegionSource.PERSON: "A person drew it",
}


def render(room: Room, study: str, version: PreparationView) -> None:
    """Show it, or that nobody looked."""
    if not version.pixels_asked or version.pixels_asked == "off":
        parts.empty(
            "Pixels were not checked",
            "Nobody looked for text in the pixels of this version. Images of kinds that often show identity wait until "
            "they are accepted by name. Prepare the study again to have its pixels checked.",
        )
        return
    rows = [one for one in version.pixel_series if one.images]
    if not rows:
        parts.empty("No pixels", "No instance of this version that could be prepared has pixels or overlays.")
        return
    for one in rows:
        _head(one)
        if one.checked:
            _picture(room, study, version, one, opened=one is rows[0])
        _areas(one)


def summary(version: PreparationView) -> tuple[tuple[str, str], ...]:
    """Return what speaks for a version because of its pixels, as lines of the check list."""
    images = sum(one.images for one in version.pixel_series)
    checked = sum(one.checked for one in version.pixel_series)
    if version.pixels_asked not in {"flag", "clean"} or not images or checked < images:
        return ()  # a notice of its own says so
    areas = sum(len(one.that("blackened")) + len(one.that("cleared")) for one in version.pixel_series)
    changed = sum(one.changed for one in version.pixel_series)
    said = f"{count(areas, 'area')} blackened in {count(changed, 'image')}" if changed else "nothing blackened"
    return (("ok", f"Pixels of {count(images, 'image')} checked for text: {said}."),)


def label(version: PreparationView) -> str:
    """Return the label of the section: how many areas were blackened, or that nobody looked."""
    if version.pixels_asked not in {"flag", "clean"}:
        return "Pixels not checked"
    areas = sum(len(one.that("blackened")) + len(one.that("cleared")) for one in version.pixel_series)
    return f"Pixels  {areas:,}"


def _head(one: SeriesPixels) -> None:
    """Say how far a series was looked at, and what a person has to do."""
    looked = f"{count(one.images, 'image')}, {count(one.frames, 'frame')} looked at"
    state = (
        chip("Checked", "green")
        if one.checked == one.images
        else chip(f"Not checked: {one.images - one.checked:,} of {one.images:,}", "red")
    )
    title = tag("h2", f"Series {one.series + 1}", cls="wb-h")
    parts.put(tag("div", title, state, tag("span", looked, cls="wb-quiet wb-small"), cls="wb-line"))
    notes = [
        parts.note(f"{reason} ({count(many, 'image')})", "red", "Not checked:") for reason, many in one.not_checked
    ]
    if one.to_review:
        reasons = "; ".join(f"{reason} ({count(many, 'image')})" for reason, many in one.to_review)
        notes.append(parts.note(f"{reasons}.", "orange", "Look at the whole image:"))
    if notes:
        parts.put(*notes)


def _areas(one: SeriesPixels) -> None:
    if not one.areas:
        if one.checked:
            parts.put(tag("p", "No text, no bar code and no QR code was found.", cls="wb-quiet"))
        return
    head = tag(
        "tr",
        tag("th", "What became of it"),
        tag("th", "Where and how large"),
        tag("th", "Frames", cls="wb-right"),
        tag("th", "Images", cls="wb-right"),
        tag("th", "Why"),
    )
    parts.put(tag("table", tag("thead", head), tag("tbody", *map(_area, one.areas)), cls="wb-plain"))
    if one.more:
        parts.put(tag("p", f"{one.more:,} more areas are not listed.", cls="wb-quiet wb-small"))


def _area(area: PixelArea) -> Markup:
    word, tone = BECAME[area.became]
    why = f"{area.why[:1].upper()}{area.why[1:]}."
    return tag(
        "tr",
        tag("td", chip(word, tone)),
        tag(
            "td",
            tag("div", f"{area.width:,} by {area.height:,} pixels"),
            tag("div", f"column {area.x:,}, row {area.y:,}", cls="wb-quiet wb-small"),
        ),
        tag("td", f"{area.frames:,}", cls="wb-right"),
        tag("td", f"{area.instances:,}", cls="wb-right"),
        tag("td", tag("div", why), tag("div", SOURCES.get(area.source, area.source), cls="wb-quiet wb-small")),
    )


def _picture(room: Room, study: str, version: PreparationView, one: SeriesPixels, *, opened: bool) -> None:
    """Show a frame of the output, fetched when somebody wants to see it."""
    key = f"{version.preparation}-{one.series}"
    with st.expander("The output, as it would go out", key=f"picture-{key}", expanded=opened, on_change="rerun") as box:
        if not box.open:
            return
        with st.container(horizontal=True, gap="small"):
            image = _number("Image", one.checked, f"picture-image-{key}")
            frame = _number("Frame", max(1, one.frames - one.checked + 1), f"picture-frame-{key}")
        try:
            with st.spinner("Decoding the frame"):
                shown = room.desk.output_picture(room.actor, study=study, series=one.series, image=image, frame=frame)
        except WorkbenchError as error:
            parts.put(parts.note(f"{error.message} {error.hint}", "orange", "No picture."))
            return
        said = f"Image {shown.image} of {shown.images}, frame {shown.frame} of {shown.frames}."
        if shown.blackened:
            said += f" Outlined in amber: {count(shown.blackened, 'blackened area')}."
        if shown.kept:
            said += f" Outlined in green: {count(shown.kept, 'mark')} that stayed."
        if not shown.blackened and not shown.kept:
            said += " Nothing is blackened here, and no mark was found."
        source = f"data:image/png;base64,{b64encode(shown.png).decode('ascii')}"
        parts.put(
            tag("img", src=source, alt=f"Output of series {one.series + 1}. {said}", cls="wb-frame"),
            tag("p", said, cls="wb-quiet wb-small"),
        )


def _number(label_: str, most: int, key: str) -> int:
    """Let the user choose a number from 1; with one to choose there is nothing to ask."""
    if most < 2:
        return 1
    return int(st.number_input(f"{label_} (1 to {most:,})", 1, most, 1, key=key, width=180))
