"""Documents inside an output: the compressed streams of a PDF are searched as well."""

import re
import zlib
from collections.abc import Iterator

from workbench.verify.elements import Element
from workbench.verify.pair import Pair, Said, found

ENCAPSULATED_DOCUMENT = 0x00420011
_STREAM = re.compile(rb"stream\r?\n")
_LARGEST = 32 << 20
_INFLATED = 8 << 20


class IdentityInDocuments:
    """No identifying value of the inputs in a compressed stream of an encapsulated document (ISO 32000-1 7.3.8)."""

    name = "identity-in-documents"
    rule = "PS3.15 E.2, 45 CFR 164.514(b)(2)(i)"

    def examine(self, pair: Pair) -> Iterator[Said]:
        """Yield one finding for each kind."""
        element = pair.after.by_tag.get(ENCAPSULATED_DOCUMENT)
        if element is None:
            return
        if element.length > _LARGEST:
            yield found(self, "(0042,0011)", "The encapsulated document is too large to be searched.")
            return
        kinds: set[str] = set()
        for content in _inflated(_content(pair, element)):
            kinds |= {str(hit.needle.kind or "a UID") for hit in pair.needles.in_bytes(content)}
        for kind in sorted(kinds):
            message = f"{kind[0].upper()}{kind[1:]} of the input stands in the encapsulated document."
            yield found(self, "(0042,0011)", message)


def is_read(pair: Pair, element: Element) -> bool:
    """Tell whether a document is a PDF whose streams can all be inflated or stand open, so that it was searched."""
    if pair.after.text(0x00420012).lower() != "application/pdf" or element.length > _LARGEST:
        return False
    content = _content(pair, element)
    if b"/Encrypt" in content:
        return False
    streams = len(_STREAM.findall(content))
    filtered = len(re.findall(rb"/Filter", content))
    return sum(1 for _each in _inflated(content)) >= min(streams, filtered)


def _content(pair: Pair, element: Element) -> bytes:
    return element.value if element.value is not None else pair.after.data.read(element.offset, element.length)


def _inflated(content: bytes) -> Iterator[bytes]:
    """Yield what can be inflated, each stream up to a bound."""
    for start in _STREAM.finditer(content):
        end = content.find(b"endstream", start.end())
        try:
            yield zlib.decompressobj().decompress(content[start.end() : end if end >= 0 else None], _INFLATED)
        except zlib.error:
            continue
