"""Where an element stands in a data set.

A *path* is a tuple of ints that alternates tag and item index: `(tag,)` at the top,
`(sequence, item, tag)` one level down. Item indexes count from 0; the text form counts from 1 as DICOM does.
A *tag path* is the same without item indexes.
"""


def format_tag(tag: int) -> str:
    """Return `(gggg,eeee)` in upper-case hexadecimal."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def format_path(path: tuple[int, ...]) -> str:
    """Return for example `(0040,0275)[1]/(0040,0007)`."""
    parts = []
    for position in range(0, len(path), 2):
        text = format_tag(path[position])
        if position + 1 < len(path):
            text += f"[{path[position + 1] + 1}]"
        parts.append(text)
    return "/".join(parts)


def tag_path(path: tuple[int, ...]) -> tuple[int, ...]:
    """Drop the item indexes."""
    return path[::2]
