"""Search of output bytes for planted texts, written for the tests: it shares nothing with the engine or the verifier.

A file is looked at raw, inflated (deflated data set, streams of a PDF) and decoded (every text value by its character
set, every binary value as UTF-16). A planted text is looked for in upper and lower case, in the encodings that DICOM
knows, and, when it has enough digits, as digits alone.
"""

import io
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be", "iso2022_jp", "shift_jis", "euc_jp", "euc_kr", "gb18030")
LONG_ENOUGH = 6
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def opened(data: bytes) -> Dataset:
    """Return the data set that pydicom reads, all of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(io.BytesIO(data), force=True)
        found.walk(lambda _dataset, _element: None)
    return found


def layers(data: bytes) -> Iterator[bytes]:
    """Yield the bytes of a file, and what lies compressed in it."""
    yield data
    for match in _ZLIB.finditer(data):
        inflated = zlib.decompressobj()
        try:
            yield inflated.decompress(data[match.start() :], 1 << 22)
        except zlib.error:
            continue
    try:
        dataset = opened(data)
    except Exception:  # noqa: BLE001 (whether it opens is another test's question)
        return
    if getattr(dataset.file_meta, "TransferSyntaxUID", None) == DeflatedExplicitVRLittleEndian:
        start = 132 + 12 + dataset.file_meta.FileMetaInformationGroupLength
        yield zlib.decompressobj(-15).decompress(data[start:])
    yield "\n".join(texts(dataset)).encode("utf-8", "replace")


def texts(dataset: Dataset) -> Iterator[str]:
    """Yield every value as text: decoded strings, numbers as written, binary values as UTF-16."""
    for element in dataset.iterall():
        value = element.value
        if element.VR == "SQ" or value is None:
            continue
        if isinstance(value, bytes):
            for encoding in ("utf-16-le", "utf-16-be"):
                yield value[: len(value) // 2 * 2].decode(encoding, "replace")
        elif isinstance(value, str) or not isinstance(value, Iterable):
            yield str(value)
        else:
            yield "\\".join(map(str, value))


def spellings(text: str | bytes) -> set[bytes]:
    """Return the byte strings that count as `text`."""
    if isinstance(text, bytes):
        return {text}
    found = set()
    for case in {text, text.upper(), text.lower()}:
        for encoding in ENCODINGS:
            try:
                spelled = case.encode(encoding)
            except UnicodeEncodeError:
                continue
            found.add(spelled.removeprefix(b"\x1b$B").removesuffix(b"\x1b(B") if encoding == "iso2022_jp" else spelled)
    return found


def remaining(data: bytes, planted: Iterable[str | bytes]) -> set[str | bytes]:
    """Return those of `planted` that are found anywhere in a file."""
    found: set[str | bytes] = set()
    wanted = set(planted)
    for layer in layers(data):
        for text in wanted - found:
            if any(spelled in layer for spelled in spellings(text)):
                found.add(text)
    digits = {text: re.sub(r"\D", "", text) for text in wanted if isinstance(text, str)}
    long = {text: number for text, number in digits.items() if len(number) >= LONG_ENOUGH}
    if long:
        try:
            values = [re.sub(r"\D", "", value) for value in texts(opened(data)) if len(value) < 1024]
        except Exception:  # noqa: BLE001 (the bytes were searched; there are no values to search)
            values = []
        found |= {text for text, number in long.items() if any(number in value for value in values)}
    return found
