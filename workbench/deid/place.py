"""The place of an element, as the transform shows it to a hook (`cleaning.Place`)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.deid.cleaning import TextCleaning
from workbench.dicom.elements import Element
from workbench.records.action import Action
from workbench.records.change import Change

if TYPE_CHECKING:
    from workbench.deid.rules import Level
    from workbench.deid.transform import Transform
    from workbench.dicom.parts import Part


class ElementPlace:
    """Implements `cleaning.Place` over a transform; `level` is that of the element's items."""

    __slots__ = ("_level", "_transform", "origin", "path")

    def __init__(self, transform: "Transform", level: "Level", path: tuple[int, ...], origin: str) -> None:
        self._transform = transform
        self._level = level
        self.path = path
        self.origin = origin

    @property
    def buffer(self) -> bytes:
        """The bytes to which positions in elements refer."""
        return self._transform.buffer

    @property
    def explicit(self) -> bool:
        """Whether the output is written with VRs."""
        return self._transform.explicit

    @property
    def options(self) -> frozenset[str]:
        """Options of the plan by name."""
        return self._transform.options

    @property
    def text(self) -> TextCleaning | None:
        """The cleaner of texts; None when the plan cleans no text."""
        return self._transform.text

    def within(self, index: int, tag: int) -> "ElementPlace":
        """Return the place of a sequence inside an item."""
        return ElementPlace(self._transform, self._level.child(tag), (*self.path, index, tag), self.origin)

    def item(
        self,
        elements: list[Element],
        index: int,
        *,
        given: Mapping[int, bytes] | None = None,
        hollow: bool = False,
    ) -> bytes:
        """Return the content of an item after the ordinary rules of the plan."""
        parts: dict[int, list[Part]] = {tag: [content] for tag, content in (given or {}).items()}
        return self._transform.item(elements, self._level, (*self.path, index), hollow=hollow, given=parts)

    def date(self, vr: bytes, value: bytes) -> bytes | None:
        """Return a DA, TM or DT by the date mode of the plan; None when it may not stay."""
        return self._transform.date(vr, value)

    def uid(self, value: bytes) -> bytes:
        """Return the UIDs of a value replaced one by one."""
        return self._transform.uid(value)

    def record(
        self,
        path: tuple[int, ...],
        action: Action,
        before: bytes | None,
        after: bytes | None,
        origin: str = "",
    ) -> None:
        """Enter a change; without `origin` it is the rule's."""
        self._transform.changes.append(Change(path, action, origin or self.origin, before, after))
