"""Checks of a whole output: file format, structure, flags, method codes, bytes."""

from collections.abc import Iterator

from workbench.verify.elements import BULK, PIXEL_DATA, Element
from workbench.verify.evidence import METHOD
from workbench.verify.identity import Kind
from workbench.verify.pair import WITH_THE_DEVICE, Pair, Said, found, is_retained
from workbench.verify.reading import Reading
from workbench.verify.source import Bytes

SOP_CLASS = 0x00080016
SOP_INSTANCE = 0x00080018
REMOVED = 0x00120062
METHOD_CODES = 0x00120064
LONGITUDINAL = 0x00280303


class FileFormat:
    """Preamble and file meta information carry what belongs there, and nothing else (PS3.10 7.1)."""

    name = "file-format"
    rule = "PS3.10 7.1, PS3.15 E.1"
    _belongs = frozenset({0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012, 0x00020013})

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what is wrong before the data set."""
        after = pair.after
        if not after.has_prefix:
            yield found(self, "preamble", "The output has no DICOM prefix and no file meta information.")
            return
        if after.preamble.strip(b"\0"):
            yield found(self, "preamble", "The preamble of the output is not empty.")
        meta = {element.tag: element for element in after.meta}
        if len(meta) != len(after.meta):
            yield found(self, "file meta", "An element stands twice in the file meta information.")
        if meta.keys() - self._belongs:
            yield found(
                self,
                "file meta",
                "The file meta information carries more than it needs, such as titles or private information.",
            )
        for tag, own, what in ((0x00020003, SOP_INSTANCE, "instance"), (0x00020002, SOP_CLASS, "class")):
            if _text(meta.get(tag)) != after.text(own):
                yield found(
                    self, "file meta", f"The SOP {what} UID of the file meta information is not that of the data set."
                )
        if _text(meta.get(0x00020012)) == "":
            yield found(self, "file meta", "The file meta information does not name the implementation that wrote it.")


class Structure:
    """The output can be read to its end, no tag stands twice, and nothing follows Pixel Data."""

    name = "structure"
    rule = "PS3.5 7.1, PS3.10 7"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what no reader would expect."""
        after = pair.after
        if after.trailing:
            yield found(self, "after the data set", "Bytes follow the last element of the output.")
        elements = after.elements
        last = next((n for n, element in enumerate(elements) if element.tag in BULK), None)
        # Private attributes of higher groups come last, and are judged as such.
        following = elements[last + 1 :] if last is not None else []
        if any(element.tag not in BULK and not element.tag & 0x00010000 for element in following):
            yield found(self, "after the pixel data", "An element follows Pixel Data in the output.")
        if len(after.by_tag) != len(elements) or any(
            _twice(element) for element in elements if element.items is not None
        ):
            yield found(
                self, "data set", "An attribute stands twice in one data set: readers disagree on which counts."
            )
        if after.fragments and after.fragments[1] == 0 and len(after.fragments) == 2:
            yield found(self, "(7FE0,0010)", "The pixel data of the output holds no frame.")


def _twice(element: Element) -> bool:
    if element.items is None:
        return False
    return any(
        len({each.tag for each in item}) != len(item) or any(_twice(each) for each in item if each.items is not None)
        for item in element.items.items
    )


class Flags:
    """The output says that it is de-identified, by what method, and what became of its dates."""

    name = "flags"
    rule = "PS3.15 E.1.1"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield what is missing or untrue."""
        after = pair.after
        if after.text(REMOVED) != "YES":
            yield found(self, "(0012,0062)", "Patient Identity Removed is not YES.")
        if not after.text(METHOD) and not pair.method_codes:
            yield found(self, "(0012,0063)", "Neither De-identification Method nor its codes are present.")
        said = after.text(LONGITUDINAL)
        expected = pair.promises.longitudinal if pair.promises is not None else _longitudinal(pair)
        # Full dates of an input whose dates a former de-identifier changed stay changed.
        former = pair.before.text(LONGITUDINAL) if expected == "UNMODIFIED" else ""
        if said not in (expected, former or expected):
            yield found(self, "(0028,0303)", "Longitudinal Temporal Information Modified does not say what was done.")


def _longitudinal(pair: Pair) -> str:
    """What (0028,0303) must say of the method codes that the output claims."""
    return {"full": "UNMODIFIED", "removed": "REMOVED"}.get(pair.dates, "MODIFIED")


def method_codes(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return code value and scheme of each item of (0012,0064)."""
    element = reading.by_tag.get(METHOD_CODES)
    if element is None or element.items is None:
        return ()
    return tuple((_text(_of(item, 0x00080100)), _text(_of(item, 0x00080102))) for item in element.items.items)


def _of(item: tuple[Element, ...], tag: int) -> Element | None:
    return next((element for element in item if element.tag == tag), None)


def _text(element: Element | None) -> str:
    return (element.value or b"").decode("latin-1").strip(" \0") if element is not None else ""


class IdentityInBytes:
    """No identifying value and no UID of the inputs anywhere in the bytes outside native pixels."""

    name = "identity-in-bytes"
    rule = "PS3.15 E.2, 45 CFR 164.514(b)(2)(i)"
    _numbers = frozenset(
        {"DS", "IS", "TM", "UI", "US", "UL", "SS", "SL", "FL", "FD", "SV", "UV", "AT", "OF", "OD", "OL", "OV", "OW"}
    )

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield one finding for each kind and place."""
        after = pair.after
        seen: set[tuple[str, str]] = set()
        for offset, data in outside_pixels(after):
            for hit in pair.needles.in_bytes(data):
                where, vr = after.locate(offset + hit.start)
                if hit.needle.digits and vr in self._numbers:
                    continue
                if hit.needle.kind is Kind.DATE and vr in ("DA", "DT", "TM"):
                    continue  # `dates-left` judges dates where they are dates
                if hit.needle.kind is None and vr == "UI":
                    continue  # `uids-left` judges UIDs where they are UIDs
                if hit.needle.kind in WITH_THE_DEVICE and is_retained(after.tags_at(offset + hit.start), pair):
                    continue  # `identity-in-text` notes it where it is retained
                what = hit.needle.kind or "a UID"
                if (where, what) not in seen:
                    seen.add((where, what))
                    yield found(
                        self, where, f"{what[0].upper()}{what[1:]} of the input stands in the bytes of the output."
                    )
        if after.file is not after.data:
            head = after.file.read(0, 1 << 16)[: -1 if after.file.size > 1 << 16 else None]
            if any(True for _hit in pair.needles.in_bytes(head)):
                yield found(self, "file meta", "An identifying value of the input stands in the file meta information.")


def outside_pixels(reading: Reading) -> Iterator[tuple[int, bytes]]:
    """Yield offset and content of all bytes before and after the payload, and of what is too much in a native one."""
    start = 0 if reading.data is reading.file else reading.start
    ranges: list[tuple[int, int]] = []
    for tag in sorted(BULK):
        payload = reading.pixel_range(tag)
        if payload is not None:
            ranges.append(payload)
    size = reading.data.size
    for offset, length in sorted(ranges):
        yield from pieces(reading.data, start, offset)
        start = offset + length
        if reading.by_tag[PIXEL_DATA].length >= 0 if PIXEL_DATA in reading.by_tag else False:
            unused = surplus(reading, length)
            if unused:
                yield from pieces(reading.data, offset + length - unused, offset + length)
    yield from pieces(reading.data, start, size)


def pieces(data: Bytes, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Yield a range in overlapping chunks, so that what stands across a border is found."""
    overlap, chunk = 4096, 1 << 20
    while start < end:
        yield start, data.read(start, min(chunk, end - start))
        if end - start <= chunk:
            return
        start += chunk - overlap


def surplus(reading: Reading, length: int) -> int:
    """Return how many bytes of native Pixel Data the image does not use (one byte of padding aside)."""
    rows, columns = reading.number(0x00280010), reading.number(0x00280011)
    samples, allocated = reading.number(0x00280002), reading.number(0x00280100)
    if rows is None or columns is None or allocated is None:
        return 0
    frames = reading.text(0x00280008).split("\\")[0]
    count = int(frames) if frames.isdigit() and len(frames) < 10 and int(frames) else 1
    per_pixel = samples or 1
    if reading.text(0x00280004).startswith("YBR_FULL_422") or reading.text(0x00280004).startswith("YBR_PARTIAL"):
        per_pixel = 2
    expected = (rows * columns * per_pixel * allocated * count + 7) // 8
    return max(0, length - expected) if length - expected > 1 else 0


INSTANCE_CHECKS = (FileFormat(), Structure(), Flags(), IdentityInBytes())
"""Checks of a whole output besides those of its pixels, in the order of their findings."""
