"""Checks of what an input has and its output does not: nothing that must stay may go."""

import re
from collections.abc import Iterator

from workbench.standard.iod import attribute_type, removable
from workbench.standard.safe_private import NAMES as TABLES
from workbench.standard.safe_private import find as find_safe
from workbench.standard.table import ROWS
from workbench.verify.checks.dates import DatesRetained
from workbench.verify.checks.elements import creator_of, fits, names_somebody
from workbench.verify.checks.fitness import FitnessGone
from workbench.verify.elements import Element
from workbench.verify.needles import Needles, digits_of
from workbench.verify.pair import Circumstances, Lack, Said, found

_WRITTEN = frozenset({0x00120063, 0x00120064})
_NUMBERS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "DS", "IS"})


class RequiredGone:
    """What the IOD requires is there: a conditional attribute that was there was there because its condition held."""

    name = "required-attributes"
    rule = "PS3.3, types 1, 1C, 2 and 2C"

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether the type at this place asks for it; what says how it was de-identified is written anew."""
        return place[0] not in _WRITTEN and _kind(place, around) in ("1", "2", "1C", "2C")

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield a finding for a required attribute that is gone; a Type 1 without a value was wrong already."""
        place, element = lack.path[::2], lack.element
        kind = _kind(place, lack.around)
        promises = lack.around.promises
        if kind in ("1C", "2C") and promises is not None and place in promises.given_up:
            return
        if kind in ("1", "1C") and not _has_value(element):
            return
        if kind in ("1C", "2C"):
            row = ROWS.get(place[-1])
            # Where the table leaves no choice but to remove, the condition goes with the value; X/Z/U* may always go.
            if row is not None and row.basic in ("X", "X/Z/U*"):
                return
        yield found(
            self,
            lack.where,
            f"The object requires this attribute (Type {kind}); the input had it, the output does not.",
        )


def _kind(place: tuple[int, ...], around: Circumstances) -> str:
    if place[-1] & 0x00010000:
        return ""
    kind = attribute_type(around.sop_class, place) or ""
    return "" if kind and removable(around.sop_class, place) else kind


class RetainedGone:
    """What the profile promised to retain is still there."""

    name = "retained"
    rule = "PS3.15 E.3, promise of the profile"

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether a promised path begins with this place."""
        promises = around.promises
        return promises is not None and any(each[: len(place)] == place for each in promises.retained)

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield a finding for a value that was promised and is gone."""
        if self._had(lack.path[::2], lack.element, lack.around):
            yield found(self, lack.where, "The profile promised to retain this attribute, but it is gone.")

    def _had(self, place: tuple[int, ...], before: Element, around: Circumstances) -> bool:
        """Whether the input has a value at a retained path that begins with `place`."""
        retained = around.promises.retained if around.promises is not None else frozenset()
        if place in retained and _has_value(before) and fits(before):
            return not names_somebody(before, around.needles)
        if before.items is None:
            return False
        return any(self._had((*place, each.tag), each, around) for item in before.items.items for each in item)


class PrivateGone:
    """A private attribute that the profile lists, and that holds numbers, is still there."""

    name = "retained-private"
    rule = "PS3.15 E.3.10"

    def applies(self, place: tuple[int, ...], around: Circumstances) -> bool:
        """Tell whether the profile lists any attribute of this private group."""
        promises = around.promises
        if promises is None or not place[-1] & 0x00010000 or place[-1] & 0xFFFF < 0x1000:
            return False
        return any(group == place[-1] >> 16 for group, _creator, _element in promises.retained_private)

    def judge(self, lack: Lack) -> Iterator[Said]:
        """Yield a finding for a listed number that is gone."""
        promises, tag = lack.around.promises, lack.path[-1]
        entry = (tag >> 16, creator_of(tag, lack.siblings), tag & 0xFF)
        if promises is None or entry not in promises.retained_private:
            return
        listed = next((row for table in TABLES if (row := find_safe(*entry, table)) is not None), None)
        vr = lack.element.vr if lack.element.vr != "UN" else listed.vr if listed is not None else ""
        if vr in _NUMBERS and lack.element.value and fits(lack.element._replace(vr=vr)):
            if _identifies(lack.element._replace(vr=vr), lack.around.needles):
                return
            yield found(self, lack.where, "The profile promised to retain this private attribute, but it is gone.")


def _identifies(element: Element, needles: Needles) -> bool:
    """Whether a number has the digits of an identifier, or is letters in bytes: such a one may go."""
    if element.vr in ("DS", "IS"):
        parts = (element.value or b"").split(b"\\")
        return any(digits_of(part.decode("latin-1")) in needles.numbers for part in parts)
    return re.fullmatch(rb"[ -~]{4,}", element.value or b"") is not None


def _has_value(element: Element) -> bool:
    return bool(element.items.items) if element.items is not None else element.length != 0


ABSENT_CHECKS = (RequiredGone(), RetainedGone(), PrivateGone(), DatesRetained(), FitnessGone())
"""All checks of what is gone, in the order of their findings."""
