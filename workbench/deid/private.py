"""Private attributes under Retain Safe Private (PS3.15 E.3.10): which elements of an item may stay, and their creators.

A block is named by its creator and may lie anywhere in its group (PS3.5 7.8.1), so that every item is read anew. What
the sender says of its own private attributes in (0008,0300) is a claim and not asked.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from workbench.deid.rules import Op, compile_rule
from workbench.dicom.elements import Element
from workbench.profiles.plan import Plan
from workbench.records.action import Action

_FIRST_BLOCK: Final = 0x10
_LAST_BLOCK: Final = 0xFF
_UNKNOWN: Final = (b"UN", b"")
_LONGEST_CREATOR: Final = 64


class Retained(NamedTuple):
    """A private element that may stay, what is done to it, and the element and the name of its creator."""

    element: Element
    op: Op
    creator_tag: int
    creator: bytes


class PrivateRules:
    """What the plan says of private attributes, by creator, place in the block and VR. One for each engine."""

    __slots__ = ("_ops", "_plan")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._ops: dict[tuple[bytes, int, bytes], Op | None] = {}

    def retained(self, buffer: bytes, elements: list[Element]) -> Iterator[Retained]:
        """Yield the private elements of an item that may stay; all others go, and creators with nothing to name."""
        creators = _creators(buffer, elements)
        if not creators:
            return
        for element in elements:
            tag = element[0]
            number = tag & 0xFFFF
            if tag & 0x10000 and number > _LAST_BLOCK:
                creator_tag = (tag & 0xFFFF0000) | (number >> 8)
                creator = creators.get(creator_tag)
                op = self._op(creator, tag, element[1]) if creator is not None else None
                if op is not None and creator is not None:
                    yield Retained(element, op, creator_tag, creator)

    def _op(self, creator: bytes, tag: int, vr: bytes) -> Op | None:
        place = tag & 0xFFFF00FF
        key = (creator, place, vr)
        if key not in self._ops:
            written = "UN" if vr in _UNKNOWN else vr.decode("ascii")
            rule = self._plan.private_rule(creator.decode("ascii"), place, written)
            stays = rule.action is not Action.REMOVE and rule.vr not in ("", "UN")
            op = compile_rule(rule, place, rule.vr.encode(), Action.REMOVE, defined=rule.vr) if stays else None
            self._ops[key] = op
        return self._ops[key]


def _creators(buffer: bytes, elements: list[Element]) -> dict[int, bytes]:
    """Return the creators of an item by the tag that reserves their block; a name of other bytes than ASCII is none."""
    found = {}
    for tag, vr, _start, value, length, items in elements:
        if tag & 0x10000 and _FIRST_BLOCK <= tag & 0xFFFF <= _LAST_BLOCK and items is None:
            creator = buffer[value : value + length].strip(b" \0")
            if creator and creator.isascii() and len(creator) <= _LONGEST_CREATOR and vr in (b"LO", *_UNKNOWN):
                found[tag] = creator
    return found
