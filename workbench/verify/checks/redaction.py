"""What the evidence of cleaned pixels (113101) says, held against every frame and overlay of input and output."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from workbench.verify.black import Palette
from workbench.verify.blackening import frame_fault
from workbench.verify.checks.contradictions import BURNED_IN
from workbench.verify.elements import BULK, PIXEL_DATA
from workbench.verify.evidence import CLEAN_PIXELS, document_of, given_evidence, named_evidence
from workbench.verify.overlays import overlay_fault, overlay_groups
from workbench.verify.pair import Pair, Said, found
from workbench.verify.reading import Reading
from workbench.verify.redaction_document import Blackened, RedactionDocument, read_document
from workbench.verify.stored import LENGTHS, NATIVE, OFFSETS, StoredFrames, basic_offsets, eights, first_item, shape_of

WHERE = "(7FE0,0010)"
ICON = 0x00880200
LOSSY = 0x00282110
_CODE = (CLEAN_PIXELS, "DCM")
_OTHER_FRAMES = "The evidence speaks of another number of frames than the image has."


def claims_clean_pixels(pair: Pair) -> bool:
    """Tell whether the output claims that its pixels were cleaned."""
    return _CODE in pair.method_codes


def is_redacted(pair: Pair) -> bool:
    """Tell whether this output says, with evidence, that some of its pixels are not those of the input."""
    if not claims_clean_pixels(pair):
        return False
    content = document_of(pair, CLEAN_PIXELS)
    document = read_document(content) if content is not None else ""
    return isinstance(document, RedactionDocument) and bool(document.regions)


class Redaction:
    """Cleaned pixels are what their evidence says: all frames seen, regions black, and everything else as it was.

    The document of 113101 names the regions of each frame. Outside of what it says may differ stored values are those
    of the input; what it says is black is of one value, which is black; no more may differ than the transfer syntax
    stores together; offset tables lead to the frames; bits of overlays are cleared there and nowhere else.
    """

    name = "redaction"
    rule = "PS3.15 E.3.1, PS3.3 C.7.6.3"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what the document says and the pixels do not, at most one finding of each part."""
        if not claims_clean_pixels(pair):
            return
        after = pair.after
        pixels = any(tag in after.by_tag for tag in BULK)
        if pixels and after.text(BURNED_IN) != "NO":
            message = "Clean pixels are claimed, and Burned In Annotation does not say NO."
            yield found(self, "(0028,0301)", message)
        content = document_of(pair, CLEAN_PIXELS)
        if content is None:
            if CLEAN_PIXELS in named_evidence(after) and not any(True for _each in given_evidence(pair, CLEAN_PIXELS)):
                yield found(self, WHERE, "Clean pixels are claimed; the evidence that the output names was not given.")
            return
        document = read_document(content)
        if isinstance(document, str):
            yield found(self, WHERE, f"The evidence of clean pixels proves nothing. {document}")
            return
        yield from self._pixels(pair, document)
        yield from self._overlays(pair, document)
        if document.regions and pair.before.text(LOSSY) == "01" != after.text(LOSSY):
            message = "The image was compressed with loss before it was blackened, and no longer says so."
            yield found(self, "(0028,2110)", message)
        if document.regions and _same_icon(pair):
            yield found(self, "(0088,0200)", "An icon still shows what was blackened in the image.")

    def _pixels(self, pair: Pair, document: RedactionDocument) -> Iterator[Said]:
        before, after = pair.before, pair.after
        if PIXEL_DATA not in after.by_tag or PIXEL_DATA not in before.by_tag:
            yield from self._without_pixel_data(pair, document)
            return
        try:
            one, two = _frames_of_both(before, after, document)
        except ValueError as error:
            yield found(self, WHERE, str(error))
            return
        if document.regions:  # else `pixels-equal` has compared the whole
            yield from self._frames(one, two, document)

    def _frames(self, before: StoredFrames, after: StoredFrames, document: RedactionDocument) -> Iterator[Said]:
        palette = Palette(before.reading, before.shape)
        for span in spans(document.regions, document.frames):
            for number in range(span.first, span.last + 1):
                fault = frame_fault(before, after, number - 1, span.regions, palette)
                if fault:
                    yield found(self, f"{WHERE} frame {number}", fault)
                    return
        if after.encapsulated and not _tables_lead_to(after):
            yield found(self, WHERE, "An offset table does not lead to the frames.")

    def _without_pixel_data(self, pair: Pair, document: RedactionDocument) -> Iterator[Said]:
        if document.regions:
            yield found(self, WHERE, "The evidence speaks of blackened regions, and there are no pixels to blacken.")
        elif any(tag in pair.after.by_tag for tag in BULK):
            shape = pair.after.text(0x00280008) or "1"
            if shape != str(document.frames):
                yield found(self, WHERE, _OTHER_FRAMES)
        else:
            yield found(self, WHERE, "Clean pixels are claimed of an object that has none.")

    def _overlays(self, pair: Pair, document: RedactionDocument) -> Iterator[Said]:
        for group in overlay_groups(pair.after):
            areas = [each.asked for each in document.overlays if each.group == group]
            fault = overlay_fault(pair.before, pair.after, group, areas)
            if fault:
                yield found(self, f"({group:04X},3000)", fault)


def _frames_of_both(before: Reading, after: Reading, document: RedactionDocument) -> tuple[StoredFrames, StoredFrames]:
    """Return the frames of input and output.

    Raises
    ------
    ValueError
        With a sentence, when they cannot be those that the document speaks of.
    """
    shape = shape_of(before)
    if shape is None or shape != shape_of(after):
        raise ValueError("The image is not described, or not as that of the input.")
    if document.frames != shape.frames:
        raise ValueError(_OTHER_FRAMES)
    native = before.syntax in NATIVE and after.syntax in NATIVE
    if document.regions and before.syntax != after.syntax and not native:
        raise ValueError("Pixels were blackened, and are stored in another transfer syntax.")
    return StoredFrames(before, shape), StoredFrames(after, shape)


class Span(NamedTuple):
    """Frames, counted from 1, both ends inside, that have the same regions."""

    first: int
    last: int
    regions: tuple[Blackened, ...]


def spans(regions: Sequence[Blackened], frames: int) -> Iterator[Span]:
    """Cut the frames of an image where the regions change."""
    starts: dict[int, list[Blackened]] = {}
    ends: dict[int, list[Blackened]] = {}
    for region in regions:
        for first, last in region.frames:
            starts.setdefault(first, []).append(region)
            ends.setdefault(last + 1, []).append(region)
    active: list[Blackened] = []
    borders = sorted({1, *starts, *ends} - {frames + 1})
    for first, following in zip(borders, [*borders[1:], frames + 1], strict=True):
        for region in ends.get(first, ()):
            active.remove(region)
        active += starts.get(first, ())
        yield Span(first, following - 1, tuple(active))


def _tables_lead_to(frames: StoredFrames) -> bool:
    """Whether the offset tables that are there lead to the first fragment of each frame (PS3.5 A.4, C.7.6.3.1.8)."""
    reading = frames.reading
    base = first_item(reading)
    offsets = [fragments[0][0] - 8 - base for fragments in frames.frames]
    if reading.fragments[1] and basic_offsets(reading) != offsets:
        return False
    if OFFSETS not in reading.by_tag:
        return True
    lengths = [sum(length for _offset, length in fragments) for fragments in frames.frames]
    said = eights(reading, LENGTHS)
    # Lengths are those before padding to an even number.
    return eights(reading, OFFSETS) == offsets and (
        len(said) == len(lengths) and all(0 <= one - two <= 1 for one, two in zip(lengths, said, strict=True))
    )


def _same_icon(pair: Pair) -> bool:
    """Whether an icon of the output holds the pixels of that of the input."""
    had, has = _icon_pixels(pair.before), _icon_pixels(pair.after)
    return bool(had & has)


def _icon_pixels(reading: Reading) -> set[bytes]:
    element = reading.by_tag.get(ICON)
    items = element.items.items if element is not None and element.items is not None else ()
    return {each.value for item in items for each in item if each.tag == PIXEL_DATA and each.value}
